import { connect as tcpConnect } from "node:net";
import type { Confinement } from "./confinement.ts";

const FIRST_HOST = 2;

/** The loopback address of one node of this machine: place 0 is 127.0.0.2 (Ray takes 127.0.0.1 for "no address given"). */
export const loopbackAddress = (place: number) => `127.0.0.${FIRST_HOST + place}`;

/**
 * Loopback of the host itself, for machines where no namespace can be made: nothing is confined, only Ray's token stands
 * between its ports and the LAN.
 */
export function loopbackConfinement(own: string): Confinement {
  return {
    kind: "loopback",
    address: own,
    statement:
      "Ray runs on loopback addresses of this machine; its ports listen on all interfaces, guarded by a token only.",
    enter: (command) => [...command],
    connect: (port, address = own) =>
      new Promise((resolve, reject) => {
        const socket = tcpConnect({ host: address, port });
        socket.once("error", reject);
        socket.once("connect", () => {
          socket.off("error", reject);
          // Until whoever asked listens, a peer that resets it ends this connection and not the process.
          socket.on("error", () => {});
          resolve(socket);
        });
      }),
    close: async () => {},
  };
}

export { errorText } from "@ionet/protocol/error-text";
export { type Clock, systemClock } from "./clock.ts";
export { freePort } from "./free-port.ts";
export { type Lock, LockHeld, takeLock, withLock } from "./lock-file.ts";
export { identify, isAlive, type ProcessIdentity, signalProcess } from "./process-identity.ts";
export { commandOf, processesOf } from "./process-tree.ts";

import { type Cluster, makeId } from "@ionet/protocol";
import { expect, test } from "vitest";
import { watchTimeWarnings } from "./time-warnings.ts";

const event = (at: string, name: string) => ({ at, event: name, detail: `${name} at ${at}` });

/** What is told while a cluster's events are these, one list a look. */
async function told(looks: readonly Cluster["events"][]): Promise<string[]> {
  const heard: string[] = [];
  const end = new AbortController();
  let look = 0;
  const getCluster = async () => {
    const events = looks[look++] ?? [];
    if (look > looks.length) end.abort();
    return { events };
  };
  await watchTimeWarnings({ getCluster }, makeId("cluster", new Uint8Array(20)), {
    onWarning: ({ at }) => heard.push(at),
    signal: end.signal,
    pollMs: 1,
  });
  return heard;
}

test("each warning is told once, the one before the first look too", async () => {
  const [fifteen, five] = [event("1", "time-short"), event("2", "time-short")];
  expect(await told([[event("0", "ready"), fifteen], [fifteen], [fifteen, five], [fifteen, five]])).toEqual([
    "1",
    "2",
  ]);
});

test("a warning that a top-up has answered is told no more", async () => {
  expect(await told([[event("1", "time-short"), event("2", "topped-up")]])).toEqual([]);
});

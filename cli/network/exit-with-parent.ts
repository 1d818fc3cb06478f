/*
 * Preloaded (`node --import`) into every process of a local network: standard input is a pipe that nobody writes to, and
 * its end means that the parent is gone, however it went. The process is then told to end as by SIGTERM, and is ended
 * when it does not.
 */
const GRACE_MS = 25_000;

process.stdin.on("error", end);
process.stdin.on("end", end);
process.stdin.resume();
// The pipe alone keeps no process alive.
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
}

import { readFileSync } from "node:fs";

/**
 * When a process began, in clock ticks since boot, as the kernel writes it; undefined when there is no such process.
 * With the pid it names one process for good: pids are used again, the pair is not.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces and brackets itself (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

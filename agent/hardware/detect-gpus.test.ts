import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CommandResult } from "../environment/run-command.ts";
import { detectGpus } from "./detect-gpus.ts";

const answers = (result: Partial<CommandResult>) => async () => ({
  code: 0,
  stdout: "",
  stderr: "",
  ...result,
});

test("a machine without nvidia-smi offers no GPU and says why", async () => {
  const report = await detectGpus(answers({ code: undefined, notStarted: "ENOENT" }));
  expect(report).toEqual({ gpus: [], problems: [expect.stringMatching(/not installed/)] });
});

test("a driver that does not run is named", async () => {
  const stdout =
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that …";
  expect((await detectGpus(answers({ code: 9, stdout }))).problems).toEqual([
    expect.stringMatching(/driver is not running/),
  ]);
});

test("a lost GPU is named, and those beside it are still offered", async () => {
  const lost = "Unable to determine the device handle for GPU 0000:05:00.0: GPU is lost.  Reboot the system";
  expect((await detectGpus(answers({ code: 15, stdout: lost }))).problems).toEqual([
    expect.stringMatching(/^GPU 0000:05:00\.0: GPU is lost/),
  ]);
  const stdout = readFileSync(new URL("./fixtures/rtx-3090.xml", import.meta.url), "utf8");
  const report = await detectGpus(answers({ code: 15, stdout, stderr: lost }));
  expect(report.gpus).toHaveLength(1);
  expect(report.problems).toHaveLength(1);
});

test("an answer that is no report becomes a sentence, not an error", async () => {
  const report = await detectGpus(
    answers({ stdout: "<nvidia_smi_log><gpu><uuid><a/></uuid></gpu></nvidia_smi_log>" }),
  );
  expect(report).toEqual({ gpus: [], problems: [expect.stringMatching(/not its XML report/)] });
});

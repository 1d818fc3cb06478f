import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNvidiaSmi } from "./parse-nvidia-smi.ts";

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

test("a GPU is read with its canonical model, memory, power limit and device file", () => {
  expect(parseNvidiaSmi(fixture("rtx-3090.xml"))).toEqual({
    gpus: [
      {
        index: 0,
        uuid: "GPU-12345678-aaaa-bbbb-cccc-0123456789ab",
        model: "rtx-3090",
        name: "NVIDIA GeForce RTX 3090",
        vramMib: 24576,
        simulated: false,
        devicePath: "/dev/nvidia0",
        powerLimitWatts: 200,
        driverVersion: "525.147.05",
      },
    ],
    problems: [],
    driverVersion: "525.147.05",
    cudaVersion: "12.0",
  });
});

test("the A100s of one machine are told apart by memory, and those split by MIG or lost are not offered", () => {
  const report = parseNvidiaSmi(fixture("a100-mixed.xml"));
  expect(report.gpus.map(({ index, model, devicePath }) => [index, model, devicePath])).toEqual([
    [0, "a100-40gb", "/dev/nvidia3"],
    [1, "a100-80gb", "/dev/nvidia0"],
  ]);
  expect(report.problems).toEqual([
    expect.stringMatching(/^GPU 2 .*MIG/),
    expect.stringMatching(/^GPU 3 .*reboot/),
    expect.stringMatching(/^GPU 4 .*ERR!/),
  ]);
});

const cardOf = (name: string, vramMib: number) => `<nvidia_smi_log><gpu id="00000000:01:00.0">
  <product_name>${name}</product_name><uuid>GPU-1</uuid><minor_number>0</minor_number>
  <fb_memory_usage><total>${vramMib} MiB</total></fb_memory_usage></gpu></nvidia_smi_log>`;

test.each([
  ["NVIDIA GeForce RTX 5060 Ti", 8151, "rtx-5060-ti-8gb"],
  ["NVIDIA GeForce RTX 5060 Ti", 16311, "rtx-5060-ti"],
  ["NVIDIA GeForce RTX 3080", 20480, "rtx-3080-20gb"],
  ["NVIDIA GeForce RTX 3080", 12288, "rtx-3080-12gb"],
  ["NVIDIA GeForce RTX 4090", 49140, "rtx-4090-48gb"],
  ["NVIDIA GH200-480GB", 97871, "gh200"],
])("%s with %i MiB is offered as what it is: %s", (name, vramMib, model) => {
  expect(parseNvidiaSmi(cardOf(name, vramMib)).gpus).toMatchObject([{ model, vramMib }]);
});

test("a report without GPUs offers none", () => {
  expect(parseNvidiaSmi("<nvidia_smi_log><driver_version>1</driver_version></nvidia_smi_log>")).toEqual({
    gpus: [],
    problems: [],
    driverVersion: "1",
  });
});

test("something else than a report is refused", () => {
  expect(() => parseNvidiaSmi("<html></html>")).toThrow();
});

const captures = join(import.meta.dirname, "../../../shared/data/nvidia-smi/xml");
test.skipIf(!existsSync(captures)).each([
  ["tesla-t4.xml", "t4", 15360, 70],
  ["rtx-3080-v13.xml", "rtx-3080", 10240, 320],
  // Half of what the model is sold with: another card.
  ["gtx-1070-ti.xml", "gtx-1070-ti-4gb", 4096, undefined],
  ["quadro-p400.xml", "quadro-p400", 1998, undefined],
])(
  "the real capture %s (skipped where ../shared is absent) is a %s",
  (file, model, vramMib, powerLimitWatts) => {
    const [gpu] = parseNvidiaSmi(readFileSync(join(captures, file), "utf8")).gpus;
    expect(gpu).toMatchObject({ model, vramMib });
    expect(gpu?.powerLimitWatts).toBe(powerLimitWatts);
  },
);

test.skipIf(!existsSync(captures))(
  "the real captures tell the CUDA that their drivers can run (skipped where ../shared is absent)",
  () => {
    const versions = ["tesla-t4", "rtx-3080-v13", "quadro-p400", "a100-sxm4-v12", "gtx-1070-ti"].map(
      (name) => {
        const xml = readFileSync(join(captures, `${name}.xml`), "utf8");
        return parseNvidiaSmi(xml).cudaVersion;
      },
    );
    expect(versions).toEqual(["11.7", "13.2", "10.1", "12.2", undefined]);
  },
);

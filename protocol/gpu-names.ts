/** A GPU's name taken apart. */
export type GpuName = {
  /** The chip without spaces, as the catalogue looks it up: `a100`, `rtx6000ada`. */
  chip: string;
  /** The size of memory that the name tells, in GiB. */
  gib: number | null;
  /** The board that the name tells. */
  form: "sxm" | "nvl" | "pcie" | "oam" | null;
  /** What a model that nobody knows is called. */
  slug: string;
};

/** Names that mean one model only where they come from: accelerator types of Google Cloud, nvidia-smi. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["nvidia-tesla-a100", "a100-40gb"],
  ["nvidia-tesla-v100", "v100-16gb"],
]);

/** The memory of the Grace CPU beside it, which nvidia-smi and clouds tell with a GH200's name: none of the GPU's. */
const besideGh200 = /(?<=(?<![a-z0-9])gh200[^a-z0-9](?:.*[^a-z0-9])?)(?:480|624)\s*gb?(?![a-z0-9])/;

const makers = /^(?:nvidia|geforce|tesla|graphics|amd|intel|corporation|gpu)$/;
const forms = /^(?:sxm\d?(?:gdr)?|pcie|nvl\d*|oam|hbm\w*|pg\d+|nvlink|fhhl|hgx|dgx|ac)$/;
/** Words that tell editions of one and the same model, or nothing. */
const editions =
  /^(?:instinct|radeon|generation|blackwell|server|workstation|edition|ws|wk|se|we|cc|high|freq|mega|plus)$/;

/** Takes a GPU's name apart, however it is written: by nvidia-smi, by clouds, by people. */
export function readGpuName(name: string): GpuName {
  const text = (elsewhere.get(name.trim().toLowerCase()) ?? name.toLowerCase()).replace(besideGh200, "");
  const words = text
    .replace(/(?<![a-z0-9])(\d+)\s*g(i?b)?\b/g, " $1gb ")
    .split(/[^a-z0-9]+/)
    .flatMap((word) => word.split(/(?<=^(?:rtx|gtx))(?=\d)|(?<=^[abhv]\d00)(?=sxm|pcie|nvl)/))
    .filter((word) => word !== "" && !makers.test(word));
  const size = words.find((word) => /^\d+gb$/.test(word));
  const form = words
    .find((word) => /^(?:sxm\d?(?:gdr)?|nvl|pcie|oam)$/.test(word))
    ?.replace(/\d?(?:gdr)?$/, "");
  const told = words.filter((word) => !forms.test(word));
  const chip = told.filter((word) => !/^\d+gb$/.test(word));
  const bare = chip.filter((word) => !editions.test(word));
  const joined = bare.join("").replace(proEdition, "$1");
  return {
    chip: aliases.get(joined) ?? joined,
    gib: size === undefined ? null : Number.parseInt(size, 10),
    form: form === "sxm" || form === "nvl" || form === "pcie" || form === "oam" ? form : null,
    slug: told.join("-"),
  };
}

/** The server and workstation editions of an RTX PRO, which are one model: `RTX PRO 6000 S`, `RTXPRO6000WK`, `pro6000se`. */
const proEdition = /^((?:rtx)?pro\d{4})(?:s|se|ws|wk|we)$/;

/** Spellings that no rule explains. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["rtx6000pro", "rtxpro6000"],
  ["rtxproa6000", "rtxpro6000"],
  ["rtx6000adagen", "rtx6000ada"],
  ["datacentermax1550", "max1550"],
]);

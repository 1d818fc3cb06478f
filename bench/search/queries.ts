/**
 * Twenty searches as engineers make them, from the widest to one supplier's machines. Fixed, so that figures of
 * different days can be compared; `SUPPLIER` stands for a wallet that has offers.
 */
export const queries: readonly string[] = [
  // Nothing but a model, or nothing at all.
  "rtx-4090",
  "",
  "sort=price/tflop",
  // The sentence of the design.
  "gpu=A100 vram>=40 count=8 region=eu price<=1.0 reliability>=0.99 verified",
  // Training: many GPUs a node, fast links, a long time.
  "gpu=h100,h200 gpus>=8 interconnect=nvlink duration=7d sort=price",
  "gpu=h100 gpus>=4 up>=1gbps down>=1gbps disk>=2tb ram>=512 region=na",
  "gpu=b200 count=64 sort=reliability",
  // Inference: memory for a price.
  "vram>=24 price<=0.30 reliability_sure>=0.9 !simulated",
  "vram>=40 vram<=80 price<=1.2 verified sort=price/tflop",
  "tflops>=150 price<=0.5 sort=-tflops",
  // Near somebody.
  "gpu=rtx-4090 near=NO price<=0.40",
  "vram>=16 near=SG verified sort=nearness",
  "gpu=l40s near=eu reliability>=0.98",
  // What can be taken back.
  "interruptible interruptible_price<=0.10 vram>=16 sort=interruptible_price",
  "gpu=a100-80gb interruptible duration=12h sort=interruptible_price",
  // By trust.
  "country in [DE,NL,FR,NO,SE,FI] kind=data-centre hired_hours>=500 sort=reliability",
  "gpu=rtx-3090 country!=US verified sandbox=bubblewrap confinement=namespace cuda>=12.4",
  "supplier=SUPPLIER",
  // What hardly anybody has, and what nobody has.
  "gpu=t4 gpus=8 country=IS,LU,MT",
  "gpu=h200 price<=0.50 count=16 region=eu",
];

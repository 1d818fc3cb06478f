import type { Change } from "../../../testing/variants.ts";

/**
 * The escrow program, but with one TransferChecked call a supplier instead of one batched call of the token program:
 * what most programs do. The mint comes in as one more account.
 */
export const oneCallEach: readonly Change[] = [
  {
    file: "escrow/src/instructions/settle/accounts.rs",
    from: "token_program, instructions, destinations @ ..]",
    to: "token_program, instructions, mint, destinations @ ..]",
  },
  {
    file: "escrow/src/instructions/settle/accounts.rs",
    from: "    pub instructions: &'a AccountView,",
    to: "    pub instructions: &'a AccountView,\n    pub mint: &'a AccountView,",
  },
  {
    file: "escrow/src/instructions/settle/accounts.rs",
    from: "            instructions,\n",
    to: "            instructions,\n            mint,\n",
  },
  {
    file: "escrow/src/instructions/settle/processor.rs",
    from: "treasury_tokens, destinations, ..",
    to: "treasury_tokens, mint, destinations, ..",
  },
  {
    file: "escrow/src/instructions/settle/processor.rs",
    from: "destinations.len() + 1)?;",
    to: "destinations.len() + 1)?;\n    vault.transfers.mint = Some(mint);",
  },
  {
    file: "escrow/src/vault.rs",
    from: "    transfers: Transfers<'a>,",
    to: "    pub transfers: Transfers<'a>,",
  },
  {
    file: "shared/src/transfers.rs",
    from: "    data: Vec<u8>,",
    to: "    pub mint: Option<&'a AccountView>,\n    each: Vec<(&'a AccountView, u64)>,\n    data: Vec<u8>,",
  },
  {
    file: "shared/src/transfers.rs",
    from: "Self { vault,",
    to: "Self { mint: None, each: Vec::with_capacity(capacity), vault,",
  },
  {
    file: "shared/src/transfers.rs",
    from: "        assert!(self.count < self.capacity);",
    to: "        if self.mint.is_some() {\n            return self.each.push((destination, amount));\n        }\n        assert!(self.count < self.capacity);",
  },
  {
    file: "shared/src/transfers.rs",
    from: "        if self.count == 0 {",
    to: [
      "        if let Some(mint) = self.mint {",
      "            for (destination, amount) in &self.each {",
      "                let call = pinocchio_token::instructions::TransferChecked::new(",
      "                    self.vault, mint, destination, self.authority, *amount, 6);",
      "                if call.invoke_signed(core::slice::from_ref(signer)).is_err() { panic!(); }",
      "            }",
      "            return;",
      "        }",
      "        if self.count == 0 {",
    ].join("\n"),
  },
];

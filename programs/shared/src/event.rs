//! What a program tells everybody, in the transaction's log data: a name, then the bytes of what changed. Base64 in
//! the logs, as `Program data:`.

/// Writes one event.
pub fn emit(name: &[u8], payload: &[u8]) {
    let fields: [&[u8]; 2] = [name, payload];
    #[cfg(target_arch = "bpf")]
    // SAFETY: the runtime reads `fields.len()` slices, each a pointer and a length, as Rust lays them out here.
    unsafe {
        solana_define_syscall::definitions::sol_log_data(fields.as_ptr().cast(), fields.len() as u64)
    };
    #[cfg(not(target_arch = "bpf"))]
    let _ = fields;
}

//! A place that money should go to, as somebody passed it.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Destination {
    /// Takes transfers now.
    Payable,
    /// Missing, not initialised or frozen: skipped, and what it is owed waits.
    Unavailable,
    /// Exists, and is another wallet's or another mint's.
    Foreign,
}

-- Bookings are admitted in groups: what their wallets hold, and what came to nothing, is read for all of them at once.
create index reservations_of_wallet on reservations (wallet, expires_at_ms) where state in ('held', 'expired', 'released');

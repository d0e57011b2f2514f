//! What all connections together and those of one address may hold, and who makes way once nothing is left.

use super::connection::Connection;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a holder of bytes is left in peace. Who reads or sends at the speed of a network has done so by then.
const PATIENCE: Duration = Duration::from_secs(2);

/// A bound on something: connections, or the bytes of bodies or of answers.
///
/// Where it is reached, the oldest holder that may be sent away makes way, of the address that holds most; where there
/// is none, the newcomer gets nothing. So nobody can keep others out by holding on, and who holds much loses first.
#[derive(Debug)]
pub(crate) struct Budget {
    /// What all may hold.
    whole: usize,
    /// What the connections of one address may hold.
    each: usize,
    /// Whether a holder may be sent away.
    yields: fn(&Holder, Instant) -> bool,
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    held: usize,
    next: u64,
    of: HashMap<IpAddr, Account>,
}

#[derive(Debug, Default)]
struct Account {
    held: usize,
    /// From the oldest to the newest.
    holders: BTreeMap<u64, Holder>,
}

#[derive(Debug)]
struct Holder {
    amount: usize,
    since: Instant,
    /// Its bytes have arrived and are worked on.
    arrived: bool,
    connection: Arc<Connection>,
}

impl Budget {
    /// A bound on connections: those that ask nothing make way.
    pub(super) fn of_connections(whole: usize) -> Self {
        Self::new(whole, |holder, _| holder.connection.is_quiet())
    }

    /// A bound on bytes: those make way that have been on their way for a while.
    pub(super) fn of_bytes(whole: usize) -> Self {
        Self::new(whole, |holder, now| !holder.arrived && now.saturating_duration_since(holder.since) >= PATIENCE)
    }

    /// One address has a half: two are needed to fill the whole, and a proxy in front, behind which all have one
    /// address, has enough.
    fn new(whole: usize, yields: fn(&Holder, Instant) -> bool) -> Self {
        Self { whole, each: whole / 2, yields, accounts: Mutex::default() }
    }

    /// Takes an amount for a connection, or nothing where there is none.
    pub(super) fn take(self: &Arc<Self>, connection: &Arc<Connection>, amount: usize, now: Instant) -> Option<Charge> {
        let mut accounts = self.accounts();
        if !self.make_room(&mut accounts, connection, amount, now) {
            return None;
        }
        let serial = accounts.next;
        accounts.next += 1;
        let holder = Holder { amount: 0, since: now, arrived: false, connection: Arc::clone(connection) };
        accounts.of.entry(connection.address).or_default().holders.insert(serial, holder);
        accounts.add(connection.address, serial, amount);
        Some(Charge { budget: Arc::clone(self), address: connection.address, serial })
    }

    /// Sends holders away until there is room; whether there is.
    fn make_room(&self, accounts: &mut Accounts, newcomer: &Arc<Connection>, amount: usize, now: Instant) -> bool {
        loop {
            let own = accounts.of.get(&newcomer.address).map_or(0, |it| it.held);
            let heaviest = if own + amount > self.each {
                newcomer.address
            } else if accounts.held + amount > self.whole {
                let heaviest = accounts.of.iter().max_by_key(|(_, account)| account.held);
                heaviest.map_or(newcomer.address, |(address, _)| *address)
            } else {
                return true;
            };
            let holders = accounts.of.get(&heaviest).into_iter().flat_map(|account| &account.holders);
            let mut yielding = holders
                .filter(|(_, it)| !Arc::ptr_eq(&it.connection, newcomer) && (self.yields)(it, now))
                .map(|(serial, _)| *serial);
            let Some(serial) = yielding.next() else { return false };
            if let Some(holder) = accounts.remove(heaviest, serial) {
                holder.connection.end();
            }
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `each` with every connection that holds something.
    pub(super) fn for_each(&self, mut each: impl FnMut(&Connection)) {
        for account in self.accounts().of.values() {
            account.holders.values().for_each(|holder| each(&holder.connection));
        }
    }
}

impl Accounts {
    fn add(&mut self, address: IpAddr, serial: u64, amount: usize) {
        let Some(account) = self.of.get_mut(&address) else { return };
        let Some(holder) = account.holders.get_mut(&serial) else { return };
        holder.amount += amount;
        account.held += amount;
        self.held += amount;
    }

    /// Nothing where the holder was sent away before.
    fn remove(&mut self, address: IpAddr, serial: u64) -> Option<Holder> {
        let account = self.of.get_mut(&address)?;
        let holder = account.holders.remove(&serial)?;
        account.held -= holder.amount;
        self.held -= holder.amount;
        if account.holders.is_empty() {
            self.of.remove(&address);
        }
        Some(holder)
    }
}

/// What a connection holds of a budget, until it is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<Budget>,
    address: IpAddr,
    serial: u64,
}

impl Charge {
    /// Takes more; whether there was as much.
    #[must_use]
    pub(super) fn grow(&self, connection: &Arc<Connection>, more: usize, now: Instant) -> bool {
        let mut accounts = self.budget.accounts();
        let room = self.budget.make_room(&mut accounts, connection, more, now);
        if room {
            accounts.add(self.address, self.serial, more);
        }
        room
    }

    /// Takes more than there may be: what was done already has to be answered.
    pub(super) fn grow_beyond(&self, more: usize) {
        self.budget.accounts().add(self.address, self.serial, more);
    }

    /// What is held has arrived, and is no longer sent away.
    pub(super) fn has_arrived(&self) {
        let mut accounts = self.budget.accounts();
        let account = accounts.of.get_mut(&self.address);
        if let Some(holder) = account.and_then(|it| it.holders.get_mut(&self.serial)) {
            holder.arrived = true;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        drop(self.budget.accounts().remove(self.address, self.serial));
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, PATIENCE};
    use crate::connections::connection::Connection;
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::task::Waker;
    use std::time::Instant;

    fn connection(host: u8, now: Instant) -> Arc<Connection> {
        Arc::new(Connection::new(IpAddr::from([10, 0, 0, host]), now))
    }

    fn ended(connection: &Connection) -> bool {
        connection.is_ended(Waker::noop())
    }

    #[test]
    fn one_address_has_a_half_and_what_was_held_comes_back() {
        let (now, budget) = (Instant::now(), Arc::new(Budget::of_bytes(100)));
        let (one, other, third) = (connection(1, now), connection(2, now), connection(3, now));

        let first = budget.take(&one, 50, now).unwrap();
        assert!(budget.take(&one, 1, now).is_none());
        let second = budget.take(&other, 50, now).unwrap();
        assert!(budget.take(&third, 1, now).is_none());

        drop(first);
        assert!(budget.take(&third, 50, now).is_some() && !ended(&one) && !ended(&other));
        drop(second);
        assert_eq!(budget.accounts().held, 0);
        assert!(budget.accounts().of.is_empty());
    }

    #[test]
    fn the_oldest_of_the_address_that_holds_most_makes_way_and_is_counted_once() {
        let (start, budget) = (Instant::now(), Arc::new(Budget::of_bytes(100)));
        let later = start + PATIENCE;
        let (small, old, young) = (connection(1, start), connection(2, start), connection(2, start));
        let (new, more) = (connection(3, later), connection(4, later));
        let kept = budget.take(&small, 20, start).unwrap();
        let lost = budget.take(&old, 30, start).unwrap();
        let also_kept = budget.take(&young, 20, start).unwrap();
        let full = budget.take(&new, 50, later);

        assert!(full.is_some() && ended(&old) && !ended(&young) && !ended(&small));
        drop(lost);
        assert_eq!(budget.accounts().held, 90);
        // Who holds most now has only just begun, and is left in peace.
        assert!(budget.take(&more, 20, later).is_none());
        drop((kept, also_kept));
    }

    #[test]
    fn what_has_arrived_is_not_sent_away_and_nobody_is_for_himself() {
        let (start, budget) = (Instant::now(), Arc::new(Budget::of_bytes(100)));
        let later = start + PATIENCE;
        let (one, other) = (connection(1, start), connection(1, start));
        let charge = budget.take(&one, 50, start).unwrap();

        assert!(!charge.grow(&one, 1, later) && !ended(&one));

        charge.has_arrived();
        assert!(budget.take(&other, 10, later).is_none() && !ended(&one));
    }

    #[test]
    fn a_connection_that_asks_nothing_makes_way_for_a_new_one() {
        let (now, budget) = (Instant::now(), Arc::new(Budget::of_connections(4)));
        let (busy, idle, new, more) = (connection(1, now), connection(1, now), connection(1, now), connection(1, now));
        busy.asked();
        new.asked();
        let held = [budget.take(&busy, 1, now).unwrap(), budget.take(&idle, 1, now).unwrap()];

        let newest = budget.take(&new, 1, now);

        assert!(newest.is_some() && ended(&idle) && !ended(&busy));
        assert!(budget.take(&more, 1, now).is_none());
        drop(held);
    }
}

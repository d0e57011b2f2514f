//! Writing what was decided, with what follows from it: as one command, or as many of one piece of the writer's work,
//! so that any noun can be pushed by the thousand.

use super::command::Change;
use super::consequences::{Concerned, Consequences};
use super::entries::{Command, Recorded, apply};
use super::writer::Tx;
use crate::error::Result;
use std::collections::HashSet;
use uuid::Uuid;

/// Writes changes as one command. Answers what became of each, those that followed last.
pub(crate) fn write_together(
    tx: &mut Tx<'_>,
    actor: &str,
    consequences: Consequences,
    changes: Vec<Change>,
) -> Result<Vec<Recorded>> {
    let changes = consequences.complete(&mut tx.view(), changes)?;
    apply(tx.conn, tx.head, vec![Command { id: tx.command, actor, changes }])
}

/// Writes commands that were decided on the same cut and are of different subjects. Answers what became of the first
/// change of each, in order.
pub(crate) fn write_each(
    tx: &mut Tx<'_>,
    actor: &str,
    consequences: Consequences,
    commands: Vec<Vec<Change>>,
) -> Result<Vec<Recorded>> {
    let all: Vec<&Change> = commands.iter().flatten().collect();
    let mut concerned = (consequences.concerned)(&mut tx.view(), &all)?.into_iter();
    let (mut recorded, mut pending) = (Vec::with_capacity(commands.len()), Pending::new(actor));
    // After a lost COMMIT the writer looks for its command in the ledger, so the first one must bear its identifier.
    let mut id = tx.command;
    for changes in commands {
        let concerned: Vec<Concerned> = concerned.by_ref().take(changes.len()).collect();
        // What follows is decided on what is written: a listing may rest on the certificates of two commands.
        if concerned.iter().flatten().any(|subject| pending.concerned.contains(subject)) {
            recorded.extend(pending.write(tx)?);
        }
        let changes = consequences.complete_with(&mut tx.view(), changes, &concerned)?;
        pending.add(id, changes, concerned);
        id = Uuid::now_v7();
    }
    recorded.extend(pending.write(tx)?);
    Ok(recorded)
}

/// Commands that wait to be written together.
struct Pending<'a> {
    actor: &'a str,
    commands: Vec<Command<'a>>,
    /// The subjects that they concern beside their own.
    concerned: HashSet<Uuid>,
}

impl<'a> Pending<'a> {
    fn new(actor: &'a str) -> Self {
        Self { actor, commands: Vec::new(), concerned: HashSet::new() }
    }

    fn add(&mut self, id: Uuid, changes: Vec<Change>, concerned: Vec<Concerned>) {
        self.commands.push(Command { id, actor: self.actor, changes });
        self.concerned.extend(concerned.into_iter().flatten());
    }

    /// Writes them; what became of the first change of each.
    fn write(&mut self, tx: &mut Tx<'_>) -> Result<Vec<Recorded>> {
        let Self { commands, .. } = std::mem::replace(self, Self::new(self.actor));
        let counts: Vec<usize> = commands.iter().map(|it| it.changes.len()).collect();
        let mut recorded = apply(tx.conn, tx.head, commands)?.into_iter();
        let first = |count: usize| {
            let first = recorded.next();
            recorded.by_ref().take(count.saturating_sub(1)).for_each(drop);
            first
        };
        Ok(counts.into_iter().filter_map(first).collect())
    }
}

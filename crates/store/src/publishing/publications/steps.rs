//! The life of a publication: draft → approved → published, or cancelled.

use super::select::{self, Selection};
use super::{PublicationRecord, Reference, latest, read};
use crate::access::clients;
use crate::error::{Error, Result};
use crate::ledger::{Change, Decision, Page, View, Viewer, Visible, not_owner};
use crate::publishing::{listings, lists};
use lvcai_domain::{
    Client, ClientId, Event, Fault, Listing, ListingStatus, Problem, ProblemKind, ProductId, Publication,
    PublicationDocument, PublicationEntry, PublicationId, PublicationStatus, RegistryList, Rule, Signatory, name_key,
};
use lvcai_trust::{Digest, SigningKey, canonical, sign_document};

/// Who takes a step, and on which list.
#[derive(Debug, Clone)]
pub struct PublisherAction {
    /// The list.
    pub list: String,
    /// The client and its organisation.
    pub by: Signatory,
    /// Whether the organisation is an authority.
    pub authority: bool,
}

/// What a draft says besides its entries.
#[derive(Debug, Clone)]
pub struct DraftFields {
    /// The title.
    pub title: String,
    /// The document that orders it (文号).
    pub authority_document: Option<String>,
    /// Whether it is a sample.
    pub sample: bool,
}

/// Who issues the documents of this registry, and with which key.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The issuer address.
    pub issuer: &'a str,
    /// The private key.
    pub key: &'a SigningKey,
}

/// Decides to draft a publication of what a selection finds today.
///
/// # Errors
///
/// Refuses another authority's list and products that do not qualify.
pub fn draft(
    view: &mut View<'_>,
    action: &PublisherAction,
    fields: &DraftFields,
    selection: &Selection,
) -> Result<Decision> {
    let list = own_list(view, action)?;
    let entries = select::entries(view, selection)?;
    let publication = Publication {
        id: view.mint(),
        list: list.id,
        number: None,
        title: fields.title.clone(),
        status: PublicationStatus::Draft,
        authority_document: fields.authority_document.clone(),
        entries_as_of: view.cut,
        entry_count: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        entries_sha256: Digest::of(canonical(&entries)?.as_bytes()).to_string(),
        drafted_by: action.by.clone(),
        approved_by: None,
        published_by: None,
        published_on: None,
        sample: fields.sample,
    };
    let record = PublicationRecord { publication, publisher: list.publisher, entries, document: None };
    Ok(Decision::change(Change::create(Event::PublicationDrafted, record)))
}

/// Decides to approve a draft: by a client of another holder than the drafter's.
///
/// # Errors
///
/// Refuses the drafter's own holder, a drafter that was revoked, and steps that are not legal.
pub fn approve(view: &mut View<'_>, action: &PublisherAction, id: PublicationId) -> Result<Decision> {
    let (list, before) = load_for(view, action, id, PublicationStatus::Approved)?;
    officers_must_stand(view, &before)?;
    let drafter = holder(view, before.drafted_by.client)?;
    let approver = holder(view, action.by.client)?;
    if drafter.is_none() || approver.is_none() || drafter == approver {
        return Err(ProblemKind::SecondHolder.into());
    }
    let after = Publication { status: PublicationStatus::Approved, approved_by: Some(action.by.clone()), ..before };
    Ok(Decision::change(amended(Event::PublicationApproved, &list, after, None)))
}

fn holder(view: &mut View<'_>, client: ClientId) -> Result<Option<String>> {
    let client = clients::read(view.conn, client, view.cut)?.map(|it| it.parse::<Client>()).transpose()?;
    // `auth-1` and `Auth-1 ` are one holder.
    Ok(client.map(|it| name_key(&it.holder)))
}

/// Decides to give a publication up.
///
/// # Errors
///
/// Refuses steps that are not legal.
pub fn cancel(view: &mut View<'_>, action: &PublisherAction, id: PublicationId) -> Result<Decision> {
    let (list, before) = load_for(view, action, id, PublicationStatus::Cancelled)?;
    let after = Publication { status: PublicationStatus::Cancelled, ..before };
    Ok(Decision::change(amended(Event::PublicationCancelled, &list, after, None)))
}

/// Decides to publish what was approved: the number, the signed document and
/// the listings of its products are one command.
///
/// # Errors
///
/// Refuses steps that are not legal, a drafter or approver that was revoked, and entries whose evidence no longer holds.
pub fn publish(
    view: &mut View<'_>,
    action: &PublisherAction,
    id: PublicationId,
    signer: Signer<'_>,
) -> Result<Decision> {
    let (list, before) = load_for(view, action, id, PublicationStatus::Published)?;
    officers_must_stand(view, &before)?;
    let entries = drafted_entries(view, &before)?;
    let today = view.today();
    let number = latest(view.conn, &list.id, view.cut)? + 1;
    let after = Publication {
        number: Some(number),
        status: PublicationStatus::Published,
        published_by: Some(action.by.clone()),
        published_on: Some(today),
        ..before
    };
    let listings = listing_changes(view, &after, &entries)?;
    let payload = PublicationDocument {
        issuer: signer.issuer.to_owned(),
        list: list.clone(),
        publication: after.clone(),
        entries,
    };
    let document = sign_document(signer.key, &canonical(&payload)?, PublicationDocument::TYPE)
        .map_err(|error| Error::Database(Box::new(error)))?;
    let published = amended(Event::PublicationPublished, &list, after, Some(document));
    Ok(Decision::changes(published, listings))
}

/// Requires that neither who drafted nor who approved has been revoked since: that was to undo what it could still do,
/// and two were to have agreed.
fn officers_must_stand(view: &mut View<'_>, publication: &Publication) -> Result<()> {
    let drafter = (publication.drafted_by.client, "起草人", "drafted");
    let approver = publication.approved_by.as_ref().map(|it| (it.client, "批准人", "approved"));
    for (client, zh, en) in std::iter::once(drafter).chain(approver) {
        if clients::is_active(view, client)?.is_none() {
            return Err(Problem::from(ProblemKind::Conflict)
                .detail(
                    format!("{zh}的客户端已被吊销：请撤销（cancel）本次公告，重新起草并由另一持有人批准"),
                    format!("the client that {en} has been revoked: cancel this publication, draft it anew and have it approved"),
                )
                .into());
        }
    }
    Ok(())
}

fn amended(event: Event, list: &RegistryList, publication: Publication, document: Option<String>) -> Change {
    let ordered_by = publication.authority_document.clone();
    let record = PublicationRecord { publication, publisher: list.publisher, entries: Vec::new(), document };
    Change::amend(event, record).ordered_by(ordered_by)
}

fn own_list(view: &mut View<'_>, action: &PublisherAction) -> Result<RegistryList> {
    let list: RegistryList = lists::read(view.conn, &action.list, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    if !action.authority || list.publisher != action.by.organisation {
        return Err(not_owner());
    }
    Ok(list)
}

fn load_for(
    view: &mut View<'_>,
    action: &PublisherAction,
    id: PublicationId,
    to: PublicationStatus,
) -> Result<(RegistryList, Publication)> {
    let list = own_list(view, action)?;
    let stored = read(view.conn, &list.id, Reference::Id(id), Visible { cut: view.cut, viewer: Viewer::Everything })?;
    let before: Publication = stored.ok_or(ProblemKind::NotFound)?.parse()?;
    if !before.status.next().contains(&to) {
        let legal = before.status.next().iter().map(|it| it.step());
        return Err(Problem::from(ProblemKind::IllegalStep)
            .fault(Fault::new("/step", Rule::NotAllowed).allowed(legal))
            .into());
    }
    Ok((list, before))
}

/// The entries as they were drafted, which must be what was approved.
fn drafted_entries(view: &mut View<'_>, publication: &Publication) -> Result<Vec<PublicationEntry>> {
    let page = Page::newest(view.cut, i64::MAX);
    let rows = super::entries(view.conn, publication.id, &page)?;
    let entries: Result<Vec<PublicationEntry>> = rows.iter().map(|(_, body)| Ok(serde_json::from_str(body)?)).collect();
    let entries = entries?;
    if Digest::of(canonical(&entries)?.as_bytes()).to_string() != publication.entries_sha256 {
        return Err(Error::Database("the entries are not those that were drafted".into()));
    }
    Ok(entries)
}

/// The listings of a publication, each resting on all that qualifies its product today.
fn listing_changes(
    view: &mut View<'_>,
    publication: &Publication,
    entries: &[PublicationEntry],
) -> Result<Vec<Change>> {
    let today = view.today();
    let products: Vec<ProductId> = entries.iter().map(|entry| entry.product).collect();
    let selection = Selection { products: Some(products), ..Selection::default() };
    let qualified = select::qualified(view.conn, &selection, view.moment())?;
    let (mut changes, mut faults) = (Vec::new(), Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        let by = qualified.get(&entry.product).map(|it| it.by.as_slice()).unwrap_or_default();
        if !entry.still_stands(by) {
            faults.push(Fault::new(format!("/entries/{index}"), Rule::UnknownReference).detail(
                format!("{} 的证据 {} 或其证书、检验检测报告已有变更", entry.product, entry.evidence),
                format!(
                    "the evidence {} of {} or what it rests on has changed since the draft",
                    entry.evidence, entry.product
                ),
            ).fix(
                "证书须恢复到起草时的状态（状态 01、同一星级和有效期）；否则取消本次起草，去掉或更正该产品后重新起草。",
                "The certificate must be as it was drafted (status 01, the same star and last day); else cancel this draft and draft again, without the product or with what it rests on now.",
            ));
            continue;
        }
        let standing = listings::of_product(view.conn, entry.product, view.cut)?;
        let standing = standing.iter().filter_map(|it| it.on(today)).map(|(_, it)| it);
        let standing = standing.filter(|it| it.status != ListingStatus::Removed).find(|it| it.list == publication.list);
        let listing = Listing {
            id: standing.map_or_else(|| view.mint(), |it| it.id),
            list: publication.list.clone(),
            product: entry.product,
            publication_number: publication.number.unwrap_or_default(),
            status: ListingStatus::Listed,
            ground: None,
            evidence: by.iter().map(|it| it.evidence.id).collect(),
            valid_until: by.iter().map(|it| it.valid_until).max().unwrap_or(entry.valid_until),
            effective_on: today,
        };
        changes.push(match standing {
            None => Change::create(Event::ListingListed, listing),
            Some(_) => Change::amend(Event::ListingListed, listing),
        });
    }
    if faults.is_empty() {
        Ok(changes)
    } else {
        Err(Error::Refused(Problem { faults, ..ProblemKind::NotEligible.into() }))
    }
}

//! What a step of a certificate or of a test report would touch.

use crate::ids::{ListingId, ProductId};
use crate::publishing::publication::ListingStatus;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A listing that follows
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TouchedListing {
    /// The listing.
    pub listing: ListingId,
    /// Its list.
    pub list: String,
    /// Its product.
    pub product: ProductId,
    /// Where it would stand on that day without the step.
    pub before: ListingStatus,
    /// Where it would stand.
    pub after: ListingStatus,
    /// From which day.
    pub effective_on: Date,
}

/// A publication that names the record
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct TouchedPublication {
    /// The list.
    pub list: String,
    /// Its number in the list.
    pub number: i32,
}

/// What a step would touch
///
/// Publications are immutable: they are named because their readers may have to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StepImpact)]
pub struct Impact {
    /// The products that the record makes green.
    pub products: Vec<ProductId>,
    /// The listings that would change.
    pub listings: Vec<TouchedListing>,
    /// The publications that name the record.
    pub publications: Vec<TouchedPublication>,
}

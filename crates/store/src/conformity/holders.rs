//! The firms that products name, to be compared with those of a certificate or a test report.

use crate::error::{Error, Result};
use crate::parties::organisations;
use lvcai_database::Conn;
use lvcai_domain::holder::ProductParties;
use lvcai_domain::{Organisation, OrganisationId, Product};
use std::collections::HashMap;

/// Organisations as they are at a cut, each read once.
#[derive(Default)]
pub(crate) struct Firms(HashMap<OrganisationId, Organisation>);

impl Firms {
    /// Takes up an organisation that is decided and not yet written.
    pub(crate) fn know(&mut self, organisation: Organisation) {
        self.0.insert(organisation.id, organisation);
    }

    /// The organisations that a product names.
    pub(crate) fn of(&mut self, conn: &mut Conn, product: &Product, cut: i64) -> Result<ProductParties> {
        Ok(ProductParties {
            enterprise: self.firm(conn, product.enterprise, cut)?,
            manufacturer: product.manufacturer.map(|id| self.firm(conn, id, cut)).transpose()?,
            factory: product.factory.map(|id| self.firm(conn, id, cut)).transpose()?,
        })
    }

    fn firm(&mut self, conn: &mut Conn, id: OrganisationId, cut: i64) -> Result<Organisation> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let stored = organisations::read(conn, id, cut)?;
        let firm: Organisation =
            stored.ok_or_else(|| Error::Database("a product of an unknown firm".into()))?.parse()?;
        self.know(firm.clone());
        Ok(firm)
    }
}

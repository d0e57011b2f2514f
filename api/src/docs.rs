//! What people read: the page of all operations, the guides, and the addresses that lead to them.
//!
//! Everything is in the binary, and a page loads nothing from elsewhere. None of it is part of the contract: it is not
//! in the OpenAPI document, and shows the document with what helps a reader added to it.

mod catalog;
mod demo;
mod guides;
mod reference;
mod view;

pub(crate) use demo::DemoClients;

use actix_web::web::{Data, ServiceConfig};

/// Mounts the pages, and what a demo alone has where this is one.
pub(crate) fn mount(demo: Option<Data<DemoClients>>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.configure(catalog::routes).configure(guides::routes).configure(reference::routes);
        if let Some(demo) = demo {
            config.app_data(demo).configure(demo::routes);
        }
    }
}

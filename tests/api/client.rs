//! `lvcai-client` against the real registry, by way of a gateway that loses, delays and refuses.

mod documents;
mod gateway;
mod lists;
mod retries;
mod tokens;
mod writes;

use gateway::Gateway;
use lvcai_client::Registry;
use lvcai_tests::{Client, Story};

/// The registry of a story for one of its clients, by way of a new gateway.
fn through(story: &Story, client: &Client) -> (Gateway, Registry) {
    let gateway = Gateway::before(&story.server.url);
    let registry = client.registry(&gateway.url, &story.server.clock);
    (gateway, registry)
}

/// The registry of a story for one of its clients.
fn direct(story: &Story, client: &Client) -> Registry {
    client.registry(&story.server.url, &story.server.clock)
}

//! What thousands have in common is found like what few have, though by another way.

use lvcai_domain::{Certificate, CertificateId, Event, Product, ProductId};
use lvcai_store::{Change, CommandContext, Decision, View, Viewer, certificates, products};
use lvcai_tests::{Client, Story};
use std::collections::BTreeSet;

/// More than the store takes for few.
const CROWD: usize = 2100;

/// Every item of a list, page by page, newest first.
fn all(client: &Client, list: &str, field: &str) -> Vec<String> {
    let (mut texts, mut path) = (Vec::new(), Some(format!("{list}&limit=500")));
    while let Some(page) = path {
        let page = client.get(&page).expect(200);
        texts.extend(page.body["items"].as_array().unwrap().iter().map(|it| it[field].as_str().unwrap().to_owned()));
        path = page.body["page"]["next"].as_str().map(|next| format!("{list}&limit=500&cursor={next}"));
    }
    texts
}

/// Records as many like one as make a crowd, in one command.
fn multiply(story: &Story, product: &str, certificate: &str) {
    let (product, certificate): (ProductId, CertificateId) = (product.parse().unwrap(), certificate.parse().unwrap());
    let make = move |view: &mut View<'_>| {
        let product: Product = products::read(view.conn, product, view.cut, Viewer::Everything)?.unwrap().parse()?;
        let record: Certificate = certificates::read(view.conn, certificate, view.cut)?.unwrap().parse()?;
        let mut changes = Vec::new();
        for number in 0..CROWD {
            let name = format!("常见产品 {number:04}");
            changes.push(Change::create(
                Event::ProductAdmitted,
                Product { id: ProductId::mint(), name, ..product.clone() },
            ));
            let (id, number) = (CertificateId::mint(), format!("CROWD-{number:04}").parse().unwrap());
            let record = Certificate { id, number, ..record.clone() };
            changes.push(Change::create(Event::CertificateIssued, record).effective_on(view.today()));
        }
        Ok(Decision::with_outcome((), changes))
    };
    story.server.wait(story.server.registry.carry_out(CommandContext::operator(), make)).unwrap();
}

#[test]
fn what_thousands_share_is_found_like_what_few_have() {
    let story = Story::begin();
    let (rare, certificate) = (story.product("少见产品"), story.certificate("CROW-1"));
    story.evidence(&rare, &certificate);
    let before = story.anybody.get("/v1/products").expect(200).seq();
    multiply(&story, &rare, &certificate);
    let found = |list: &str, field: &str| all(&story.anybody, list, field);

    let common = found("/v1/products?q=%E5%B8%B8%E8%A7%81", "name");
    let numbered = found("/v1/certificates?number=CROWD", "number");

    let expected: Vec<String> = (0..CROWD).rev().map(|number| format!("常见产品 {number:04}")).collect();
    assert_eq!(common, expected);
    let expected: Vec<String> = (0..CROWD).rev().map(|number| format!("CROWD-{number:04}")).collect();
    assert_eq!(numbered, expected);
    // 常见 0777, 见产 少见, 产品 with three stars
    assert_eq!(found("/v1/products?q=%E5%B8%B8%E8%A7%81%200777", "name"), ["常见产品 0777"]);
    assert_eq!(found("/v1/products?q=%E8%A7%81%E4%BA%A7%20%E5%B0%91%E8%A7%81", "name"), ["少见产品"]);
    assert_eq!(found("/v1/products?q=%E4%BA%A7%E5%93%81&star_min=3", "name"), ["少见产品"]);
    assert_eq!(found("/v1/certificates?number=CROWD-0777", "number"), ["CROWD-0777"]);
    assert_eq!(found(&format!("/v1/products?q=%E4%BA%A7%E5%93%81&as_of={before}"), "name"), ["少见产品"]);
    assert_eq!(found("/v1/certificates?number=CROW", "id").into_iter().collect::<BTreeSet<_>>().len(), CROWD + 1);
}

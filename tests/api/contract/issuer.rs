//! A registry whose issuer has a path: the addresses that it names are below it.

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Server, laboratory};
use serde_json::json;

const ISSUER: &str = "https://registry.test/materials";

#[test]
fn addresses_are_below_the_path_of_the_issuer() {
    let server = Server::start_with(&[("LVCAI_ISSUER", ISSUER)]);
    let bureau = server.organisation("大庆市工业和信息化局", Role::Authority);
    let tester = server.organisation("黑龙江示例建筑材料检测有限公司", Role::Laboratory);
    let authority = server.client_without_token(bureau, "bureau-1", ALL_SCOPES);
    let mut claims = authority.claims(server.clock.now());
    claims["aud"] = json!(ISSUER);
    let token = authority.ask_for_token(&authority.sign(&claims), None).expect(200).body["access_token"].clone();
    *authority.token.borrow_mut() = Some(token.as_str().unwrap().to_owned());

    let made = authority.put("/v1/laboratories/230800020009", &laboratory(tester)).expect(201);
    let page = server.anybody().get("/v1/organisations?limit=1").expect(200);
    let refused = server.anybody().get("/v1/laboratories/230800020008");

    let below = "/materials/v1/laboratories/230800020009";
    assert_eq!((made.header("location"), made.header("content-location")), (below, below));
    let link = page.header("link");
    assert!(link.starts_with("</materials/v1/organisations?limit=1&cursor="), "{link}");
    assert_eq!(refused.body["type"], format!("{ISSUER}/problems/not-found"));
    let known = server.anybody().get("/problems/not-found").expect(200);
    assert_eq!(known.body["type"], refused.body["type"]);
}

// The registry from TypeScript, with the SDK that @hey-api/openapi-ts makes: a function for each operation.
//
//   node out/scenario.js URL FOLDER      FOLDER holds the keys of the demo's clients
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import { client } from './registry/client.gen.js';
import * as registry from './registry/index.js';
import type { CertificateInput, Problem, Product, Verdict } from './registry/index.js';

const [url = '', folder = ''] = process.argv.slice(2);
client.setConfig({ baseUrl: url, headers: { 'Accept-Language': 'en' } });

/** A token by private_key_jwt: the client signs who it is with its own key, once for each token. */
async function getToken(): Promise<string> {
  const id = JSON.parse(readFileSync(join(folder, 'clients.json'), 'utf8'))['certification-body'];
  const key = await importPKCS8(readFileSync(join(folder, 'certification-body.pem'), 'utf8'), 'ES256');
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(url) // the issuer, exactly as /.well-known/oauth-authorization-server names it
    .setJti(randomUUID())
    .setExpirationTime('1m')
    .sign(key);
  const { data, error } = await registry.issueToken({
    body: {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  });
  assert(data, JSON.stringify(error));
  return data.access_token;
}

// Reads of what is public need no token. Search in Chinese:
const found = await registry.listProducts({ query: { q: '内平开' } });
assert(found.data && found.data.items.length > 0);

// Read all pages: `next` is the cursor of the next one, and absent on the last.
const products: Product[] = [];
let cursor: string | undefined;
do {
  const { data }: Awaited<ReturnType<typeof registry.listProducts>> = await registry.listProducts({
    query: { limit: 1, cursor },
  });
  assert(data);
  products.push(...data.items);
  cursor = data.page.next;
} while (cursor !== undefined);
assert(products.length >= 2);

// From here on as a certification body.
const token = await getToken();
client.setConfig({ auth: token });

// Push a certificate. The client encodes the number, whatever it holds.
const certification_body = 'CNCA-R-2006-148';
const number = 'SDK/〔2026〕hey-1';
const certificate: CertificateInput = {
  scheme: 'star_certification',
  kind: 'gbm-09',
  star: 3,
  holder: { name: '大庆示例门窗有限公司' },
  product_name: '内平开塑料窗',
  units: [{ name: '65系列内平开窗', models: ['65系列'] }],
  issued_on: '2026-01-05',
  valid_until: '2031-01-04',
  reported_status: '01',
};
const pushed = await registry.pushCertificate({ path: { certification_body, number }, body: certificate });
assert(pushed.data, JSON.stringify(pushed.error));
assert.equal(pushed.data.number, number);
assert(pushed.response?.headers.get('Content-Location'));

/** The verdict on the certificate, today. */
async function verify(): Promise<Verdict> {
  const { data } = await registry.verify({ body: { items: [{ certificate_number: number, certification_body }] } });
  assert(data?.verdicts[0]);
  return data.verdicts[0];
}
assert.equal((await verify()).eligibility, 'eligible');

// A batch: each line has its own outcome, and one that is refused says why.
const batch = await registry.pushCertificates({
  path: { certification_body },
  query: { mode: 'each' },
  headers: { 'Idempotency-Key': randomUUID() },
  body: [
    { ...certificate, number: 'SDK/〔2026〕hey-2' },
    { ...certificate, number: 'SDK/〔2026〕hey-3', valid_until: '2020-01-01' },
  ],
});
assert(batch.data, JSON.stringify(batch.error));
assert.deepEqual([batch.data.created, batch.data.refused], [1, 1]);
assert.deepEqual(batch.data.outcomes[1]?.errors?.[0]?.source, { pointer: '/valid_until' });

// Take a step: the certificate is suspended from today, and the verdict follows.
const step = await registry.stepCertificate({
  path: { id: pushed.data.id },
  headers: { 'Idempotency-Key': randomUUID() },
  body: { step: 'suspend', reason: '0203' },
});
assert.equal(step.data?.reported_status, '02', JSON.stringify(step.error));
const suspended = await verify();
assert.equal(suspended.eligibility, 'not_eligible');
assert.equal(suspended.reasons[0]?.code, 'certificate_suspended');

// A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
const refused = await registry.pushCertificate({
  path: { certification_body, number: 'SDK/〔2026〕hey-4' },
  body: { ...certificate, holder: { name: '大庆示例门窗有限公司', uscc: '91230607716675409X' } },
});
assert.equal(refused.response?.status, 422);
assert(refused.error);
const problem: Problem = refused.error;
assert(problem.type.endsWith('/problems/invalid'), problem.type);
assert.deepEqual(problem.errors?.map((it) => it.source), [{ pointer: '/holder/uscc' }]);

// A value that this client does not know, of a registry newer than it, is a text like any other.
client.setConfig({
  fetch: async (request) =>
    new Response((await (await fetch(request)).text()).replaceAll('certificate_suspended', 'certificate_mislaid'), {
      headers: { 'Content-Type': 'application/json' },
    }),
});
assert.equal((await verify()).reasons[0]?.code, 'certificate_mislaid');

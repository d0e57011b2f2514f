// The registry from TypeScript, with openapi-typescript and openapi-fetch.
//
//   node out/scenario.js URL FOLDER      FOLDER holds the keys of the demo's clients
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import createClient from 'openapi-fetch';
import type { components, paths } from './registry.js';

type Schemas = components['schemas'];

const [url = '', folder = ''] = process.argv.slice(2);
const registry = createClient<paths>({ baseUrl: url, headers: { 'Accept-Language': 'en' } });

/** A token by private_key_jwt: the client signs who it is with its own key, once for each token. */
async function getToken(): Promise<string> {
  const client = JSON.parse(readFileSync(join(folder, 'clients.json'), 'utf8'))['certification-body'];
  const key = await importPKCS8(readFileSync(join(folder, 'certification-body.pem'), 'utf8'), 'ES256');
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(url) // the issuer, exactly as /.well-known/oauth-authorization-server names it
    .setJti(randomUUID())
    .setExpirationTime('1m')
    .sign(key);
  const { data, error } = await registry.POST('/oauth/token', {
    body: {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert(data, JSON.stringify(error));
  return data.access_token;
}

// Reads of what is public need no token. Search in Chinese:
const found = await registry.GET('/v1/products', { params: { query: { q: '内平开' } } });
assert(found.data && found.data.items.length > 0);

// Read all pages: `next` is the cursor of the next one, and absent on the last.
const products: Schemas['Product'][] = [];
let cursor: string | undefined;
do {
  const { data } = await registry.GET('/v1/products', {
    params: { query: { limit: 1, ...(cursor === undefined ? {} : { cursor }) } },
  });
  assert(data);
  products.push(...data.items);
  cursor = data.page.next;
} while (cursor !== undefined);
assert(products.length >= 2);

// From here on as a certification body.
const authorization = `Bearer ${await getToken()}`;
registry.use({ onRequest: ({ request }) => request.headers.set('Authorization', authorization) });

// Push a certificate. The client encodes the number, whatever it holds.
const certification_body = 'CNCA-R-2006-148';
const number = 'SDK/〔2026〕fetch-1';
const certificate: Schemas['CertificateInput'] = {
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
const pushed = await registry.PUT('/v1/certification-bodies/{certification_body}/certificates/{number}', {
  params: { path: { certification_body, number } },
  body: certificate,
});
assert(pushed.data, JSON.stringify(pushed.error));
assert.equal(pushed.data.number, number);
assert(pushed.response.headers.get('Content-Location'));

/** The verdict on the certificate, today. */
async function verify(): Promise<Schemas['Verdict']> {
  const { data } = await registry.POST('/v1/verifications', {
    body: { items: [{ certificate_number: number, certification_body }] },
  });
  assert(data?.verdicts[0]);
  return data.verdicts[0];
}
assert.equal((await verify()).eligibility, 'eligible');

// A batch: each line has its own outcome, and one that is refused says why.
const batch = await registry.POST('/v1/certification-bodies/{certification_body}/certificates:batch', {
  params: { path: { certification_body }, query: { mode: 'each' }, header: { 'Idempotency-Key': randomUUID() } },
  body: [
    { ...certificate, number: 'SDK/〔2026〕fetch-2' },
    { ...certificate, number: 'SDK/〔2026〕fetch-3', valid_until: '2020-01-01' },
  ],
  headers: { 'Content-Type': 'application/json' },
});
assert(batch.data, JSON.stringify(batch.error));
assert.deepEqual([batch.data.created, batch.data.refused], [1, 1]);
assert.deepEqual(batch.data.outcomes[1]?.errors?.[0]?.source, { pointer: '/valid_until' });

// Take a step: the certificate is suspended from today, and the verdict follows.
const step = await registry.POST('/v1/certificates/{id}/transitions', {
  params: { path: { id: pushed.data.id }, header: { 'Idempotency-Key': randomUUID() } },
  body: { step: 'suspend', reason: '0203' },
});
assert.equal(step.data?.reported_status, '02', JSON.stringify(step.error));
const suspended = await verify();
assert.equal(suspended.eligibility, 'not_eligible');
assert.equal(suspended.reasons[0]?.code, 'certificate_suspended');

// A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
const refused = await registry.PUT('/v1/certification-bodies/{certification_body}/certificates/{number}', {
  params: { path: { certification_body, number: 'SDK/〔2026〕fetch-4' } },
  body: { ...certificate, holder: { name: '大庆示例门窗有限公司', uscc: '91230607716675409X' } },
});
assert.equal(refused.response.status, 422);
assert(refused.error);
const problem: Schemas['Problem'] = refused.error;
assert(problem.type.endsWith('/problems/invalid'), problem.type);
assert.deepEqual(problem.errors?.map((it) => it.source), [{ pointer: '/holder/uscc' }]);

// A value that this client does not know, of a registry newer than it, is a text like any other.
const newer = createClient<paths>({
  baseUrl: url,
  fetch: async (request) => new Response((await (await fetch(request)).text()).replaceAll('certificate_suspended', 'certificate_mislaid')),
});
const unknown = await newer.POST('/v1/verifications', {
  body: { items: [{ certificate_number: number, certification_body }] },
});
assert.equal(unknown.data?.verdicts[0]?.reasons[0]?.code, 'certificate_mislaid');

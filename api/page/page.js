// Shows the registry's document with Scalar, which is told to call nobody else, and authorises as a client of the demo
// where the server is one.
'use strict';

const { tag, ...told } = document.getElementById('reference').dataset;
const schemes = told.schemes.split(' ');

const settings = {
  url: `/docs/document.json?lang=${tag}`,
  localization: { locale: tag },
  // Fonts, telemetry, the proxy for requests and the services of its makers are elsewhere.
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  externalUrls: { dashboardUrl: '', registryUrl: '', proxyUrl: '', apiBaseUrl: '' },
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  documentDownloadType: 'none',
  persistAuth: false,
  operationTitleSource: 'summary',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  featuredClients: ['shell/curl', 'python/requests', 'js/fetch', 'java/nethttp'],
  // A key works once, so the one of the examples stands for a random one.
  onRequestBuilt: ({ request }) => {
    if (request.headers.get('idempotency-key') === 'another-for-each-request') {
      request.headers.set('idempotency-key', randomKey());
    }
  },
  customCss: `.light-mode { --scalar-color-accent: #1f7a4d; } .dark-mode { --scalar-color-accent: #5cc790; }`,
};

/** 128 random bits; `randomUUID` is there only with TLS. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (it) => it.toString(16).padStart(2, '0')).join('');
}

/** The settings with a token for whichever scheme asks for one. */
function withToken(token) {
  const securitySchemes = Object.fromEntries(schemes.map((name) => [name, { token }]));
  return { ...settings, authentication: { preferredSecurityScheme: schemes[0], securitySchemes } };
}

/** A token for a client of the demo: its server signs as that client, and the registry issues as it does to anybody. */
async function tokenOf(client) {
  const signed = await post(`/docs/demo/assertions/${client}`);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed.client_assertion,
  });
  return post('/oauth/token', form);
}

async function post(address, body) {
  const answer = await fetch(address, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** Authorises as the client that is chosen, and again before each token ends. */
function offerClients(choice, reference) {
  let renewal;
  const authorise = async () => {
    clearTimeout(renewal);
    const client = choice.value;
    const issued = client ? await tokenOf(client) : { access_token: '', expires_in: 0 };
    if (client !== choice.value) return;
    reference.updateConfiguration(withToken(issued.access_token));
    choice.classList.toggle('on', client !== '');
    choice.dataset.ready = client;
    if (client) renewal = setTimeout(authorise, (issued.expires_in - 60) * 1000);
  };
  choice.addEventListener('change', () => {
    authorise().catch((error) => {
      choice.value = '';
      choice.classList.remove('on');
      console.error(error);
    });
  });
}

const reference = Scalar.createApiReference('#reference', withToken(''));
const choice = document.getElementById('demo-client');
if (choice) offerClients(choice, reference);

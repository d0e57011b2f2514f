// Opens the page of a demo in a browser, as wide as a desk and as narrow as a phone: authorises, sends a write, and sees
// the answer. Nothing may be asked of another host, and the browser may complain of nothing.
//
//   node docs.mjs PROGRAM CHROMIUM        PICTURES=folder keeps what was seen
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const [program, chromium] = process.argv.slice(2);
const WAIT = { timeout: 30_000 };

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A demo with data of its own. */
async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'lvcai-docs-'));
  const [port, admin] = [await freePort(), await freePort()];
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LVCAI_')));
  const child = spawn(program, ['demo'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...own, LVCAI_ADDRESS: `127.0.0.1:${port}`, LVCAI_ADMIN_ADDRESS: `127.0.0.1:${admin}`, LVCAI_LOG: 'warn' },
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await Promise.race([
    new Promise((resolve) => child.stdout.once('data', resolve)),
    ended.then((code) => assert.fail(`the demo ended with ${code}`)),
  ]);
  child.stdout.resume();
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** A tab that notes what goes elsewhere and what the browser complains of. */
async function openTab(browser, url, width) {
  const phone = width < 500;
  const tab = await browser.newPage();
  const wrong = [];
  tab.on('console', (it) => ['error', 'warn'].includes(it.type()) && wrong.push(`console: ${it.text()}`));
  tab.on('pageerror', (it) => wrong.push(`error: ${it.message}`));
  tab.on('request', (it) => it.url().startsWith(url) || it.url().startsWith('data:') || wrong.push(`asked: ${it.url()}`));
  tab.on('requestfailed', (it) => wrong.push(`failed: ${it.url()} ${it.failure()?.errorText}`));
  await tab.setViewport({ width, height: 900, isMobile: phone, hasTouch: phone });
  return { tab, wrong };
}

async function fits(tab, where) {
  const [page, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(page <= window, `${where} is ${page} wide in a window of ${window}`);
}

const picture = (tab, name) =>
  process.env.PICTURES ? tab.screenshot({ path: join(process.env.PICTURES, `${name}.png`) }) : undefined;

/** The page at an operation, once that is shown. */
async function openOperation(tab, url, { language, words }, path) {
  await tab.goto(`${url}/docs/?lang=${language}#${tagOf(path)}/POST${path}`, { waitUntil: 'networkidle0', ...WAIT });
  const button = await tab.waitForSelector(`::-p-xpath(//button[contains(., "${words.test}") and contains(., "(post ${path})")])`, WAIT);
  return button;
}

/** Sends the operation as it is filled in, and answers what came back. */
async function send(tab, button, words, name) {
  const isWrite = (it) => it.url().includes('/v1/') && it.method() === 'POST';
  await button.evaluate((it) => it.click());
  const dialog = await tab.waitForSelector('[role=dialog]', { visible: true, ...WAIT });
  const answered = tab.waitForResponse((it) => isWrite(it.request()), WAIT);
  const send = await dialog.waitForSelector(`::-p-xpath(.//button[starts-with(normalize-space(.), "${words.send}")])`, WAIT);
  await send.evaluate((it) => it.click());
  const answer = await answered;
  await tab.waitForFunction((status) => document.querySelector('[role=dialog]')?.textContent.includes(status), WAIT, `${answer.status()}`);
  await fits(tab, 'the answer');
  await picture(tab, name);
  return { status: answer.status(), body: await answer.json(), headers: answer.request().headers() };
}

async function chooseClient(tab, client) {
  await tab.select('#demo-client', client);
  await tab.waitForFunction((it) => document.getElementById('demo-client').dataset.ready === it, WAIT, client);
}

/** A token as a program would have got it, pasted into the field for it. */
async function pasteToken(tab, words) {
  const token = await tab.evaluate(async () => (await tokenOf('enterprise')).access_token);
  const field = await tab.waitForSelector(`input[placeholder="${words.token}"]`, WAIT);
  await field.evaluate((it) => it.focus());
  await tab.keyboard.sendCharacter(token);
}

async function search(tab, words) {
  await tab.keyboard.down('Control');
  await tab.keyboard.press('k');
  await tab.keyboard.up('Control');
  const field = await tab.waitForSelector('[role=dialog] input', { visible: true, ...WAIT });
  await field.type(words);
  await tab.waitForFunction(() => document.querySelectorAll('[role=dialog] [role=option]').length > 0, WAIT);
  await tab.keyboard.press('Escape');
}

const PRODUCTS = '/v1/products';
const STEP = '/v1/certificates/{id}/transitions';
const tagOf = (path) => `tag/${path.split('/')[2]}`;
const ENGLISH = { language: 'en', words: { test: 'Test Request', send: 'Send', token: 'Token' } };
const CHINESE = { language: 'zh-CN', words: { test: '测试请求', send: '发送', token: '令牌' } };

const journeys = {
  async 'a desk, in Chinese, as a client of the demo'(browser, url) {
    const { tab, wrong } = await openTab(browser, url, 1400);
    await tab.goto(`${url}/docs/?lang=zh-CN`, { waitUntil: 'networkidle0', ...WAIT });
    await fits(tab, 'the page');
    await picture(tab, 'desk');
    await search(tab, 'batch');
    await chooseClient(tab, 'enterprise');
    const button = await openOperation(tab, url, CHINESE, PRODUCTS);
    const sent = await send(tab, button, CHINESE.words, 'desk-sent');
    assert.equal(sent.status, 201, JSON.stringify(sent.body));
    assert.deepEqual(wrong, []);
  },
  async 'a phone, in English, with a token that is pasted'(browser, url) {
    const { tab, wrong } = await openTab(browser, url, 390);
    await tab.goto(`${url}/docs/?lang=en`, { waitUntil: 'networkidle0', ...WAIT });
    await fits(tab, 'the page');
    await picture(tab, 'phone');
    await pasteToken(tab, ENGLISH.words);
    const button = await openOperation(tab, url, ENGLISH, PRODUCTS);
    const sent = await send(tab, button, ENGLISH.words, 'phone-sent');
    assert.equal(sent.status, 201, JSON.stringify(sent.body));
    assert.deepEqual(wrong, []);
  },
  async 'a step, under a key of its own'(browser, url) {
    const { tab, wrong } = await openTab(browser, url, 1400);
    const button = await openOperation(tab, url, ENGLISH, STEP);
    await chooseClient(tab, 'certification-body');
    const sent = await send(tab, button, ENGLISH.words, 'step');
    assert.equal(sent.body.reported_status, '02', JSON.stringify(sent.body));
    assert.match(sent.headers['idempotency-key'], /^[0-9a-f]{32}$/);
    assert.deepEqual(wrong, []);
  },
  async 'a phone, reading'(browser, url) {
    const { tab, wrong } = await openTab(browser, url, 390);
    for (const page of ['', 'docs/guides', 'docs/guides/first-steps', 'docs/guides/certification-body',
      'docs/guides/certificate-fields', 'docs/guides/api-design', 'problems', 'problems/invalid', 'problems/illegal-step']) {
      for (const language of ['zh-CN', 'en']) {
        await tab.goto(`${url}/${page}?lang=${language}`, { waitUntil: 'networkidle0', ...WAIT });
        await fits(tab, `/${page} in ${language}`);
        await picture(tab, `read-${page.replaceAll('/', '-')}-${language}`);
      }
    }
    assert.deepEqual(wrong, []);
  },
};

const demo = await startDemo();
const browser = await puppeteer.launch({
  executablePath: chromium,
  // Without a sandbox of its own, as containers have none to give; it sees nothing but the demo.
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
let failed = 0;
try {
  for (const [name, journey] of Object.entries(journeys)) {
    try {
      await journey(browser, demo.url);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.stack}`);
      await picture((await browser.pages()).at(-1), `failed-${failed}`);
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
process.exitCode = failed === 0 ? 0 : 1;

// Drives GraphiQL, as a running server serves it, through Chromium.
//
//   C360_URL   the server's base URL, as http://127.0.0.1:4000; it must serve the demo
//   SHOTS      a folder for screenshots; none are taken without it
//   CHROMIUM   the browser; /usr/bin/chromium by default
//
// Prints a line per check and ends with their number; the exit code tells too.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const base = process.env.C360_URL?.replace(/\/$/, '');
if (!base) {
  console.error('C360_URL is not set: the base URL of a running demo, as http://127.0.0.1:4000');
  process.exit(2);
}
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;
function check(name, ok, detail = '') {
  ok ? passed++ : failed++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok || detail === '' ? '' : `: ${detail}`}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

// What the browser had to complain about, over all pages.
const complaints = [];
const strangers = new Set();

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const { errorText } = request.failure() ?? {};
    // Leaving a page stops what it is still loading.
    if (errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${errorText}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== new URL(base).origin) strangers.add(url.href);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(`${base}/graphiql`);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  return page;
}

async function close(page) {
  complaints.push(...(await page.evaluate(() => globalThis.violations)).map((violation) => `CSP: ${violation}`));
  await page.context().close();
}

// GraphiQL learns a tab's operation a tenth of a second after it opened.
async function openTab(page, name) {
  await page.getByRole('tab', { name }).click();
  await page.waitForTimeout(300);
}

const picked = async (page) =>
  `${await page.getByLabel('Role').inputValue()} ${await page.getByLabel('Purpose').inputValue()}`;

/** Presses the button and gives what was asked and answered. */
async function run(page) {
  const waiting = page.waitForResponse(
    (response) => response.request().method() === 'POST' && !response.request().postData()?.includes('__schema'),
  );
  await page.getByRole('button', { name: /^Execute query/ }).click();
  const response = await waiting;
  const text = await response.text();
  const headers = await response.request().allHeaders();
  return { headers, text, body: JSON.parse(text) };
}

async function shoot(page, name) {
  if (!shots) return;
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400); // the editors fold and colour on their own time
  await page.screenshot({ path: join(shots, name) });
}

const outcomes = (body) => (body.extensions?.privacy?.fields ?? []).map(({ field, outcome }) => `${field} ${outcome}`);
const withheld = (body) => outcomes(body).filter((entry) => entry.endsWith(' WITHHELD'));
const count = (n, noun) => `${n} ${noun}`;

// What the page says at first.
const page = await open();
const tabs = await page.getByRole('tab').evaluateAll((all) => all.map((tab) => tab.querySelector('[title]')?.title ?? tab.innerText));
check('four example tabs are open', tabs.join() === 'AgentsView,MarketingsView,DashboardList,OneSourceDown', tabs.join());
check('the schema was read', await page.getByRole('button', { name: 'Re-fetch GraphQL schema' }).isVisible());
check('nothing is said about an answer before there is one', (await page.locator('.c360-strip').count()) === 0);

// The agent.
check('the first tab asks as an agent', (await picked(page)) === 'support-agent support.case', await picked(page));
const agent = await run(page);
check('the token and the purpose go as headers',
  /^Bearer ./.test(agent.headers.authorization ?? '') && agent.headers['x-purpose'] === 'support.case',
  JSON.stringify(agent.headers));
check('the agent is answered without an error', !agent.body.errors && Boolean(agent.body.data?.lookup), agent.text.slice(0, 400));
const strip = page.locator('.c360-strip');
await strip.waitFor();
const said = await strip.locator('summary').innerText();
check('the strip tells the purpose', said.includes('support.case'), said);
check('the strip tells every source', (agent.body.extensions?.sources ?? []).every(({ source }) => said.includes(source)), said);
const kept = new Set(withheld(agent.body)).size;
check('the strip counts what was withheld', said.includes(count(kept, 'withheld')), `${kept} in ${said}`);
await shoot(page, 'graphiql-agent.png');
await strip.locator('summary').press('Enter');
check('the strip opens to the reasons by keyboard',
  (await strip.locator('tbody tr').count()) === agent.body.extensions.privacy.fields.length);
await shoot(page, 'graphiql-reasons.png');
await strip.locator('summary').press('Enter');

// Marketing, in the next tab.
await openTab(page, 'MarketingsView');
check('the second tab asks as marketing', (await picked(page)) === 'marketing marketing.email', await picked(page));
check('the answer of the first tab does not stand in the second', (await strip.count()) === 0);
const marketing = await run(page);
check('marketing asks with its own token and purpose',
  marketing.headers.authorization !== agent.headers.authorization && marketing.headers['x-purpose'] === 'marketing.email');
check('marketing is answered without an error', !marketing.body.errors && marketing.body.data?.customers?.nodes?.length > 0,
  marketing.text.slice(0, 400));
check('fields are withheld from marketing', withheld(marketing.body).length > 0, outcomes(marketing.body).join());
check('the two are told differently', outcomes(marketing.body).join() !== outcomes(agent.body).join());
await strip.waitFor();
await shoot(page, 'graphiql-marketing.png');

// The other examples answer too, whoever is up or down.
for (const name of ['DashboardList', 'OneSourceDown']) {
  await openTab(page, name);
  const { body, text } = await run(page);
  const broken = (body.errors ?? []).filter(({ extensions }) => !extensions?.code?.startsWith('SOURCE_'));
  check(`${name} is answered`, Boolean(body.data) && broken.length === 0, text.slice(0, 400));
}

// The pickers.
await page.getByLabel('Role').selectOption('marketing');
const offered = await page.getByLabel('Purpose').locator('option').allTextContents();
check('a role offers its own purposes', offered.length > 0 && offered.every((purpose) => purpose.startsWith('marketing.')), offered.join());
await openTab(page, 'AgentsView');
check('each tab keeps its caller', (await picked(page)) === 'support-agent support.case', await picked(page));
await page.waitForTimeout(700); // GraphiQL stores its tabs half a second later
await page.reload();
await page.locator('.graphiql-query-editor .view-line').first().waitFor();
await openTab(page, 'OneSourceDown');
check('also after a reload', (await picked(page)).startsWith('marketing marketing.'), await picked(page));
const kinds = await page.evaluate(() => Object.keys(localStorage).filter((key) => /token|quer|tabState|caller/i.test(key)));
check('neither queries nor tokens stay in the browser', kinds.length === 0, kinds.join());
await close(page);

// Dark, and small.
const dark = await open({ colorScheme: 'dark' });
await run(dark);
await dark.locator('.c360-strip').waitFor();
await shoot(dark, 'graphiql-dark.png');
await close(dark);

const phone = await open({ viewport: { width: 360, height: 780 } });
await run(phone);
await phone.locator('.c360-strip').waitFor();
const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
check('nothing sticks out at 360 px', overflow <= 0, `${overflow} px`);
check('the button is within reach at 360 px', await phone.getByRole('button', { name: /^Execute query/ }).isVisible());
await shoot(phone, 'graphiql-phone.png');
await close(phone);

check('no request left the origin', strangers.size === 0, [...strangers].join());
check('no error on the console and no CSP violation', complaints.length === 0, complaints.join('\n     '));

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

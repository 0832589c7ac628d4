/**
 * A built playground after a provider's day, in a real browser: sign in, read the connections and the log. Chromium is
 * named by CHROMIUM_PATH; the runner leaves this suite out where there is none.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startDemo, type RunningDemo } from '../helpers/demo';

const OUTPUT = join(__dirname, '..', '.output', 'screenshots');
const INSTALL_AND_BUILD_MS = 9 * 60_000;

let demo: RunningDemo;
let browser: Browser;
let page: Page;
const scriptErrors: string[] = [];

const open = async (path: string): Promise<void> => {
  await page.goto(`${demo.line.panelUrl}/plugins/user-provisioning/${path}`);
};

const screenshot = async (name: string): Promise<void> => {
  await page.screenshot({ path: join(OUTPUT, `${name}.png`), animations: 'disabled' });
};

beforeAll(async () => {
  mkdirSync(OUTPUT, { recursive: true });
  demo = await startDemo();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // Chromium's own sandbox does not work for root, which containers run as.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => scriptErrors.push(error.message));
}, INSTALL_AND_BUILD_MS);

afterAll(async () => {
  await browser?.close();
  if (demo) expect([0, 143]).toContain(await demo.stop());
});

describe('the panel of a built Strapi', () => {
  it('prints one line of JSON on stdout and nothing else', () => {
    expect(demo.stdout()).toHaveLength(1);
    expect(Object.keys(demo.line)).toEqual(['panelUrl', 'email', 'password', 'inbound', 'outbound']);
  });

  it('signs in', async () => {
    await page.goto(`${demo.line.panelUrl}/auth/login`);
    await page.fill('input[name="email"]', demo.line.email);
    await page.fill('input[name="password"]', demo.line.password);
    await page.click('button[type="submit"]');
    await page.getByRole('link', { name: 'User Provisioning' }).first().waitFor();
  });

  it('opens the plugin from the menu', async () => {
    await page.getByRole('link', { name: 'User Provisioning' }).first().click();
    await page.waitForURL('**/plugins/user-provisioning/connections');
  });

  it('shows both connections', async () => {
    await open('connections');
    await page.getByText('Demo identity provider').first().waitFor();
    await page.getByText('Demo application').first().waitFor();
    await screenshot('connections');
  });

  it('shows a connection with its SCIM URL', async () => {
    await open('connections');
    await page.getByText('Demo identity provider').first().click();
    await page.waitForURL(/\/connections\/\d+/);
    await page
      .locator(`text=${demo.line.inbound.baseUrl}`)
      .or(page.locator(`input[value="${demo.line.inbound.baseUrl}"]`))
      .first()
      .waitFor();
    await screenshot('connection');
  });

  it('lists what the provider did', async () => {
    await open('logs');
    await page.getByRole('row').nth(5).waitFor();
    await page.getByText('@people.demo.example').first().waitFor();
    await screenshot('log');
  });

  it('finds one person and opens the entry with its steps', async () => {
    await open('logs?search=ines.moreau&operation=create');
    const row = page.getByRole('row', { name: /ines\.moreau/ }).first();
    await row.click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await dialog.getByText('ines.moreau').first().waitFor();
    await screenshot('log-entry');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('keeps secrets out of the page', async () => {
    await open('logs');
    await page.getByRole('row').nth(5).waitFor();
    const content = await page.content();
    expect(content).not.toContain(demo.line.inbound.token);
    expect(content).not.toContain(demo.line.outbound.token);
  });

  it('had no script error on any page', () => {
    expect(scriptErrors).toEqual([]);
  });
});

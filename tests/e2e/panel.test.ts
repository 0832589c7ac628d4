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

  it('the fields of the site are a section of the rules, which says so where there are none', async () => {
    await page.getByRole('button', { name: /Fields that your site added/ }).click();
    await page.getByText(/Your site added no fields/).waitFor();
  });

  it('a token is made, replaced and revoked from the keyboard', async () => {
    const press = async (button: string): Promise<void> => {
      await page.getByRole('button', { name: button }).first().focus();
      await page.keyboard.press('Enter');
    };
    const issued = async (): Promise<void> => {
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'I have copied it' }).waitFor();
      await press('I have copied it');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    };
    await press('Add a token');
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('By keyboard');
    await issued();
    await press('Replace the token By keyboard');
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new one' }).focus();
    await issued();
    await page.getByRole('button', { name: 'Revoke the token By keyboard' }).nth(1).waitFor();
    for (const left of [1, 0]) {
      await press('Revoke the token By keyboard');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Confirm' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
      await page.waitForFunction(
        (count) => globalThis.document.querySelectorAll('[aria-label="Revoke the token By keyboard"]').length === count,
        left
      );
    }
  });

  it('an admin user whom the provider was refused is approved on the connection’s page', async () => {
    const origin = new URL(demo.line.panelUrl).origin;
    const send = async (method: string, url: string, token: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(new URL(url, origin), { method, headers, body: body === undefined ? null : JSON.stringify(body) });
      return (await answer.json()) as Record<string, unknown>;
    };
    const login = (await send('POST', '/admin/login', '', { email: demo.line.email, password: demo.line.password })) as { data: { token: string } };
    const { data } = (await send('POST', '/user-provisioning/connections', login.data.token, {
      name: 'Staff', direction: 'inbound', population: 'admin-users',
    })) as { data: { connection: { id: number; baseUrl: string }; token: string } };
    const email = 'grace@staff.example';
    await send('POST', '/admin/users', login.data.token, { firstname: 'Grace', lastname: 'Hopper', email, roles: [2] });
    const users = `${new URL(data.connection.baseUrl, origin).pathname}/Users`;
    const found = (await send('GET', `${users}?filter=${encodeURIComponent(`userName eq "${email}"`)}`, data.token)) as { Resources: { id: string }[] };
    const change = () => send('PUT', `${users}/${found.Resources[0]?.id}`, data.token, { userName: email, title: 'Admiral' });
    expect((await change()).status).toBe('403');
    await open(`connections/${data.connection.id}`);
    await page.getByRole('button', { name: `Approve ${email}` }).click();
    await screenshot('approval');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Confirm' }).click();
    await page.getByText(`Approved: ${email}`).waitFor();
    expect(await change()).toMatchObject({ title: 'Admiral' });
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

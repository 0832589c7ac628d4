/**
 * Takes the pictures of the README from a running demo:
 *   node docs/images/take-screenshots.mjs <file with the line of `npm run demo -- --json`>
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = path.dirname(fileURLToPath(import.meta.url));
const demo = JSON.parse(fs.readFileSync(process.argv[2] ?? 'demo.json', 'utf8'));
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args });

for (const theme of ['light', 'dark']) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-US', colorScheme: theme });
  await page.addInitScript((name) => {
    globalThis.localStorage.setItem('STRAPI_THEME', name);
    globalThis.localStorage.setItem('strapi-admin-language', '"en"');
  }, theme);
  await page.goto(`${demo.panelUrl}/auth/login`);
  await page.fill('input[name="email"]', demo.email);
  await page.fill('input[name="password"]', demo.password);
  await page.click('button[type="submit"]');
  await page.getByRole('link', { name: 'User Provisioning' }).first().waitFor();

  const take = async (name, address, ready) => {
    await page.goto(`${demo.panelUrl}/plugins/user-provisioning/${address}`);
    await ready();
    // Strapi's own announcements come after the page and are not what the picture is about.
    await page.waitForTimeout(1_500);
    const close = page.getByRole('banner').or(page.getByText('Introducing the new Media Library').locator('xpath=ancestor::*[.//button][1]'));
    if (await page.getByText('Introducing the new Media Library').count()) await close.getByRole('button').last().click();
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(folder, `${name}-${theme}.png`), animations: 'disabled' });
  };
  await take('connections', 'connections', () => page.getByText('Demo identity provider').first().waitFor());
  await take('log', 'logs', () => page.getByRole('row').nth(5).waitFor());
  await take('log-entry', 'logs?search=ines.moreau&outcome=refused', async () => {
    await page.getByRole('row', { name: /ines\.moreau/ }).first().click();
    await page.getByRole('dialog').waitFor();
  });
  await page.context().close();
}
await browser.close();

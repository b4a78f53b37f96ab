import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * A headless Chromium that was unpacked from a package: it needs no installation, network or display.
 *
 * The package's own arguments are for Lambda, where one process has to do; here that makes the second page crash.
 */
export const startBrowser = async (): Promise<Browser> =>
  playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--font-render-hinting=none', '--hide-scrollbars'],
    headless: true,
  });

// axe on what is on the screen: it finds nothing, or the test says what and where.
import assert from "node:assert/strict";
import { axeSource } from "./world.mjs";

const all_rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function axe(page, where, rules = all_rules) {
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
    const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules);
    assert.deepEqual(violations.map((one) => `${where}: ${one.id}: ${one.nodes[0].html}`), []);
}

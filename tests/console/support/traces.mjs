// Where a page could keep what somebody typed: its document, fields, address, history and storage, and the memory of its
// scripts.
async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.enable");
    await session.send("HeapProfiler.collectGarbage");
    let text = "";
    session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => (text += chunk));
    await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    await session.detach();
    return text;
}

/// The places where `text` is found; empty: nowhere.
export async function traces(page, text) {
    const places = await page.evaluate(() => ({
        document: document.documentElement.outerHTML,
        fields: [...document.querySelectorAll("input, textarea, select")].map((field) => field.value).join("\n"),
        address: location.href,
        history: JSON.stringify(history.state),
        storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    }));
    places.heap = await heap(page);
    const as_json = JSON.stringify(text).slice(1, -1); // as in a request's body and in a snapshot
    return Object.keys(places).filter((place) => places[place].includes(text) || places[place].includes(as_json) || places[place].includes(JSON.stringify(as_json).slice(1, -1)));
}

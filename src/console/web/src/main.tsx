import { render } from "preact";
import { start } from "./api/login";
import { App } from "./app";
import "./style.css";

render(<App />, document.getElementById("app")!);

// The first question is to whom we talk; until it is answered there is nothing to show.
async function begin() {
    for (let wait = 500; ; wait = Math.min(5000, wait * 2)) {
        try {
            return await start();
        } catch {
            await new Promise((resolve) => setTimeout(resolve, wait));
        }
    }
}
void begin();

// The caller's own login: who, until when, the password, and the way out.
import { useSignal } from "@preact/signals";
import { pathOf, type ApiError } from "../api/http";
import { useItem } from "../api/live_item";
import { useList } from "../api/live_list";
import { agent, login, logOut } from "../api/login";
import { useNames } from "../api/names";
import { live, may, type Session } from "../api/types";
import { Dialog } from "../ui/dialog";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Fact, Id, Name } from "../ui/text";
import { Ago, exact, Until } from "../ui/time";
import { PasswordForm } from "./panels";

export function Me() {
    const mine = login.value!;
    const token = useItem(pathOf("auth-tokens", mine.token_id), 10_000);
    const accountId = String(token.item.value?.account_id ?? mine.account_id ?? "");
    const account = useItem(accountId ? pathOf("accounts", accountId) : "", 15_000);
    const leaving = useSignal(false);
    const names = useNames();
    const read = token.item.value;
    const expiration = (read?.expiration_time as string | undefined) ?? mine.expiration_time;
    return (
        <article>
            <div class="bar">
                <h1>My login</h1>
                <span class="grow" />
                <button type="button" class="danger" onClick={() => (leaving.value = true)}>
                    Log out…
                </button>
            </div>
            <dl class="facts">
                <Fact label="User">
                    <Name text={names.of(mine.user_id) || mine.login_name || mine.user_id} /> <Id>{mine.user_id}</Id>
                </Fact>
                {agent.value && <Fact label="Controller">{agent.value.cluster}</Fact>}
                <Fact label="Auth token">
                    <Id>{mine.token_id}</Id>
                </Fact>
                <Fact label="Expires in">
                    <Until time={expiration} /> <span class="dim">{exact(expiration)}</span>
                </Fact>
                <Fact label="Last used">
                    <Ago time={read?.approximate_last_used_time as string | undefined} />
                </Fact>
            </dl>
            <p class="dim">A login that nobody uses for a day may end earlier. {agent.value ? "The agent keeps it; this page never sees it." : "This tab keeps it, and forgets it when it is closed."}</p>
            {account.item.value && may(account.item.value, "change-password") && (
                <PasswordForm
                    item={account.item.value}
                    action="change-password"
                    changed={(next) => {
                        if (next) account.item.value = next;
                        account.reload();
                    }}
                />
            )}
            {leaving.value && <LogOutDialog onClose={() => (leaving.value = false)} />}
        </article>
    );
}

function LogOutDialog({ onClose }: { onClose: () => void }) {
    const mine = login.value!;
    const list = useList("/v1/sessions", { scope_id: "global", recursive: true, include_terminated: true }, 2500);
    const names = useNames();
    const error = useSignal<ApiError | null>(null);
    const busy = useSignal(false);
    const ends = (list.items.value as Session[]).filter((one) => live(one) && one.auth_token_id === mine.token_id);
    const leave = async () => {
        busy.value = true;
        try {
            await logOut();
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    return (
        <Dialog title="Log out?" onClose={onClose}>
            {!list.complete.value ? (
                <p>Looking for the sessions that this ends…</p>
            ) : ends.length === 0 ? (
                <p>No session was authorized by this login, so none ends with it.</p>
            ) : (
                <>
                    <p>
                        <strong>This ends {ends.length === 1 ? "one session" : `${ends.length} sessions`} and cuts {ends.length === 1 ? "its" : "their"} connections:</strong>
                    </p>
                    <ul class="rows">
                        {ends.slice(0, 10).map((one) => (
                            <li key={one.id}>
                                <a href={href("sessions", one.id)} onClick={onClose}>
                                    {one.id}
                                </a>{" "}
                                <Name text={names.of(one.target_id) || one.target_id} />
                            </li>
                        ))}
                        {ends.length > 10 && <li class="dim">and {ends.length - 10} more</li>}
                    </ul>
                </>
            )}
            <Problem error={error.value} />
            <div class="buttons">
                <button type="button" class="danger" aria-disabled={busy.value} onClick={leave}>
                    {ends.length > 0 ? "Log out and end them" : "Log out"}
                </button>
                <button type="button" onClick={onClose}>
                    Stay
                </button>
            </div>
        </Dialog>
    );
}

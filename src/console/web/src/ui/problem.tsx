// An error in the API's own words, and what to do next.
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/http";

function nextStep(error: ApiError): string {
    if (error.hint) return error.hint;
    if (error.status === 0) return "Is it still running? This page tries again by itself.";
    if (error.status === 401) return "Log in again.";
    if (error.status === 403) return "Your account does not hold the grant for this: ask an administrator.";
    if (error.status === 404) return "It may have been deleted meanwhile: go back to the list.";
    if (error.status === 429 || error.status === 503) return "The controller limits requests: try again in a moment.";
    if (error.fields.length) return "Change what is named here, then try again.";
    if (error.status >= 500) return "Try again; if it stays, the controller's log knows more.";
    return "";
}

export function Problem({ error, title, children }: { error: ApiError | null; title?: string; children?: ComponentChildren }) {
    if (!error) return null;
    const step = nextStep(error);
    return (
        <div class="problem" role="alert">
            <p>
                <strong>{title ? `${title}: ` : ""}</strong>
                {error.message}
            </p>
            {error.fields.length > 0 && (
                <ul>
                    {error.fields.map((field) => (
                        <li key={field.name}>
                            <code>{field.name}</code>: {field.description}
                        </li>
                    ))}
                </ul>
            )}
            {children && <p>{children}</p>}
            <p class="next">
                {step} {error.status > 0 && <span class="dim">({[error.kind, error.status].filter(Boolean).join(" ")})</span>}
            </p>
        </div>
    );
}

export const asError = (problem: unknown) => (problem instanceof ApiError ? problem : new ApiError(-1, "", problem instanceof Error ? problem.message : String(problem)));

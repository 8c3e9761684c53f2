// A dense table: fixed columns, so that changing data moves nothing; pages, so that ten thousand rows cost fifty.
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { moveRow, useKeys } from "./keys";
import { route, setQuery } from "./route";

export interface Column<T> {
    title: string;
    cell: (row: T) => ComponentChildren;
    width?: string; // of the CSS class w-…
    level?: 1 | 2 | 3 | 4 | 5; // 5 goes first when the window is narrow, then 4 …
    number?: boolean;
}

interface TableProps<T> {
    label: string;
    rows: T[];
    columns: Column<T>[];
    id: (row: T) => string;
    link: (row: T) => string;
    selected?: Signal<Set<string>>;
    selectable?: (row: T) => boolean;
    onPage?: (rows: T[]) => void;
    children?: ComponentChildren; // what stands there when there are no rows
    busy?: boolean;
}

export const page_rows = 50;

export function Table<T>(props: TableProps<T>) {
    const { rows, columns, selected } = props;
    const pages = Math.max(1, Math.ceil(rows.length / page_rows));
    const page = Math.min(pages, Math.max(1, Number(route.value.query.get("page")) || 1));
    const first = (page - 1) * page_rows;
    const shown = rows.slice(first, first + page_rows);
    props.onPage?.(shown);
    const turn = (to: number) => {
        if (to >= 1 && to <= pages) setQuery({ page: to === 1 ? "" : String(to) });
    };
    useKeys({ j: () => moveRow(1), k: () => moveRow(-1), "]": () => turn(page + 1), "[": () => turn(page - 1) });
    const toggle = (id: string, on: boolean) => {
        const next = new Set(selected!.value);
        on ? next.add(id) : next.delete(id);
        selected!.value = next;
    };
    const could = selected ? shown.filter((row) => props.selectable?.(row) ?? true) : [];
    const all = could.length > 0 && could.every((row) => selected!.value.has(props.id(row)));
    const style = (column: Column<T>) => [column.width ? `w-${column.width}` : "", `level-${column.level ?? 1}`, column.number ? "number" : ""].join(" ").trim();
    return (
        <>
            <table class="data" aria-label={props.label} aria-busy={props.busy}>
                <thead>
                    <tr>
                        {selected && (
                            <th scope="col" class="w-check">
                                <label class="check">
                                    <input
                                        type="checkbox"
                                        aria-label="Select all on this page"
                                        checked={all}
                                        disabled={could.length === 0}
                                        onChange={(event) => {
                                            const next = new Set(selected.value);
                                            for (const row of could) event.currentTarget.checked ? next.add(props.id(row)) : next.delete(props.id(row));
                                            selected.value = next;
                                        }}
                                    />
                                </label>
                            </th>
                        )}
                        {columns.map((column) => (
                            <th key={column.title} scope="col" class={style(column)}>
                                {column.title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {shown.map((row) => {
                        const id = props.id(row);
                        return (
                            <tr key={id} data-id={id} class={selected?.value.has(id) ? "selected" : undefined}>
                                {selected && (
                                    <td class="w-check">
                                        <label class="check">
                                            <input
                                                type="checkbox"
                                                aria-label={`Select ${id}`}
                                                checked={selected.value.has(id)}
                                                disabled={!(props.selectable?.(row) ?? true)}
                                                onChange={(event) => toggle(id, event.currentTarget.checked)}
                                            />
                                        </label>
                                    </td>
                                )}
                                {columns.map((column, index) => (
                                    <td key={column.title} class={style(column)}>
                                        {index === 0 ? (
                                            <a data-row href={props.link(row)}>
                                                {column.cell(row)}
                                            </a>
                                        ) : (
                                            column.cell(row)
                                        )}
                                    </td>
                                ))}
                            </tr>
                        );
                    })}
                </tbody>
            </table>
            {rows.length === 0 && props.children}
            {pages > 1 && (
                <nav class="pages" aria-label="Pages">
                    <button type="button" onClick={() => turn(page - 1)} disabled={page === 1}>
                        ‹ Newer
                    </button>
                    <span>
                        {(first + 1).toLocaleString()}–{(first + shown.length).toLocaleString()} of {rows.length.toLocaleString()}
                    </span>
                    <button type="button" onClick={() => turn(page + 1)} disabled={page === pages}>
                        Older ›
                    </button>
                </nav>
            )}
        </>
    );
}

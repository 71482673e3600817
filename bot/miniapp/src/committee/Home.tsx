/** The two doors. */

import { words } from "../shared/words.ts";

export type Door = "auditor" | "trustee";

export function Home({ open }: { readonly open: (door: Door) => void }) {
  return (
    <main>
      <h1 tabIndex={-1}>{words("committee.home.title")}</h1>
      <p>{words("committee.home.what")}</p>
      {(["trustee", "auditor"] as const).map((door) => (
        <section key={door} class="card">
          <h2>{words(`committee.home.${door}`)}</h2>
          <p>{words(`committee.home.${door}_how`)}</p>
          <button type="button" class="button primary go" onClick={() => open(door)}>
            {words(`committee.home.${door}_go`)}
          </button>
        </section>
      ))}
    </main>
  );
}

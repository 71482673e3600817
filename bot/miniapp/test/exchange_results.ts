/** Results of the page for tests/interop/test_miniapp_results.py: what test/exchange.ts answers with. */

import { type Json, parseJson, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import {
  encodeResults,
  type OfficialCounts,
  resultsOf,
  type Turnout,
  tabulate,
} from "../src/protocol/results/results.ts";
import { builtinRegime, ownRegime, type Regime } from "../src/protocol/results/rules.ts";
import { Election } from "../src/protocol/session/session.ts";
import { checkAgrees, decodeSessionFile } from "../src/protocol/session/sessionfile.ts";

type Request = Readonly<Record<string, string>>;

function part(request: Request, name: string): string {
  return request[name] ?? "";
}

function regime(request: Request): Regime {
  const known = builtinRegime(part(request, "regime"));
  if (known) return known;
  const rules: Json = parseJson(utf8(part(request, "regime")), "rules", 1 << 20);
  return ownRegime(rules, "rules");
}

export const RESULTS: Record<string, (request: Request) => Record<string, unknown>> = {
  tabulate(request) {
    const officials = JSON.parse(part(request, "officials")) as OfficialCounts[];
    const turnout = JSON.parse(part(request, "turnout")) as Turnout;
    return { results: toText(encodeResults(tabulate(regime(request), officials, turnout))) };
  },
  rules: (request) => ({ id: regime(request).id }),
  results(request) {
    const election = Election.decode(utf8(part(request, "election")));
    const session = request.session === undefined ? null : decodeSessionFile(utf8(request.session));
    if (session) checkAgrees(session, election);
    const totals = JSON.parse(part(request, "totals")) as number[][];
    const results = resultsOf(election, totals, Number(request.cast), session, Number(request.roster));
    return { results: toText(encodeResults(results)) };
  },
  session_file(request) {
    const { uuid, delegates } = decodeSessionFile(utf8(part(request, "session")));
    return { uuid, delegates };
  },
};

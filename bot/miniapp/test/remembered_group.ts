/**
 * group.ts for the tests' program: whether the same bytes are an element is found out once. Their records
 * have the same keys and credentials, and a refusal is not remembered.
 */

import * as group from "../src/protocol/group/group.ts";

export * from "../src/protocol/group/group.ts";

const KNOWN = new Map<string, group.Element>();

export const elementBytes: typeof group.elementBytes = (raw, path, identity = false) => {
  const name = `${identity} ${raw.join()}`;
  const member = KNOWN.get(name) ?? group.elementBytes(raw, path, identity);
  KNOWN.set(name, member);
  return member;
};

export const element: typeof group.element = (value, path, identity = false) => {
  const name = `${identity} ${value}`;
  const member = (typeof value === "string" ? KNOWN.get(name) : undefined) ?? group.element(value, path, identity);
  KNOWN.set(name, member);
  return member;
};

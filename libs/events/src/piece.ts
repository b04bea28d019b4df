import { composeJson, sliceElements, sliceJson } from './json-slice.ts';

/** A JSON value beside the exact text that it was parsed from. */
export interface JsonSlice {
  readonly text: string;
  readonly json: unknown;
}

/** The member of an object; undefined where there is no object or no such member. */
export function memberOf(whole: JsonSlice | undefined, name: string): JsonSlice | undefined {
  if (!whole || !isRecord(whole.json) || !Object.hasOwn(whole.json, name)) return undefined;
  const text = sliceJson(whole.text, [name]);
  return text === undefined ? undefined : { text, json: whole.json[name] };
}

/** The elements of an array, in one reading; none where there is no array. */
export function elementsOf(whole: JsonSlice | undefined): readonly JsonSlice[] {
  if (!whole || !Array.isArray(whole.json)) return [];
  const json: readonly unknown[] = whole.json;
  return sliceElements(whole.text).map((text, index) => ({ text, json: json[index] }));
}

/** An object made of pieces, each with its exact text; what is undefined is left out. */
export function composeObject(members: Readonly<Record<string, JsonSlice | undefined>>): JsonSlice {
  const present = Object.entries(members).filter(
    (member): member is [string, JsonSlice] => member[1] !== undefined,
  );
  return {
    text: composeJson(Object.fromEntries(present.map(([name, { text }]) => [name, text]))),
    json: Object.fromEntries(present.map(([name, { json }]) => [name, json])),
  };
}

/** The member of a parsed object as it is; undefined where there is no object or no such member. */
export function fieldOf(json: unknown, name: string): unknown {
  return isRecord(json) && Object.hasOwn(json, name) ? json[name] : undefined;
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

import type { ConsoleRole } from '@sluice/config';
import { z } from 'zod';
import type { ConsoleContext } from '../context.ts';
import { parseInput, type RawInput } from '../http/input.ts';
import type { Principal } from '../http/request-details.ts';
import { type EventStream, NDJSON } from './streams.ts';

/** Success response of an operation. */
interface ResponseDescription {
  readonly status: 200 | 201 | 204;
  /** Descriptions of its headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined for a response without a body. */
  readonly content?: { readonly mediaType: string; readonly schema: z.ZodType };
  /** Data of each server-sent event by its name. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}

/** What the OpenAPI document contains about an operation. */
export interface OperationDescription {
  /** operationId, for example `listDeadLetters`. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** Path below /api, with parameters as `:id`. */
  readonly path: string;
  /** Minimum role. Undefined for operations without authentication. */
  readonly role: ConsoleRole | undefined;
  /** One imperative clause. */
  readonly summary: string;
  /** Further sentences. */
  readonly description?: string | undefined;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  /** Schema of each line of an NDJSON body. */
  readonly lines: z.ZodType | undefined;
  readonly response: ResponseDescription;
  /** Statuses of its specific problems. Those of every authenticated operation are implied. */
  readonly problems: readonly number[];
}

/** The result of an operation, ready to send. */
export type Result =
  | { readonly kind: 'json'; readonly value: unknown; readonly location?: string }
  | { readonly kind: 'lines'; readonly values: AsyncIterable<unknown> }
  | { readonly kind: 'events'; readonly send: (stream: EventStream) => void };

/** An operation of the API. Router, validation, OpenAPI document and reference are made from it. */
export interface Operation extends OperationDescription {
  readonly method: 'get' | 'post';
  readonly role: ConsoleRole;
  readonly response: ResponseDescription & Required<Pick<ResponseDescription, 'content'>>;
  /** Maximum bytes of a JSON body, or of each line of an NDJSON body. */
  readonly bodyLimit: number;
  /**
   * Validates the input and runs the operation.
   *
   * @throws Problem
   */
  run(raw: RawInput, user: Principal, context: ConsoleContext): Promise<Result>;
}

/** Validated input of a handler. */
export interface Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** Not validated. Empty unless the operation declares `lines`. */
  readonly lines: AsyncIterable<string>;
  readonly user: Principal;
}

interface Declaration<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>
  extends Pick<Operation, 'id' | 'method' | 'path' | 'role' | 'summary'> {
  readonly description?: string;
  readonly params?: P;
  /** All parameters are optional. */
  readonly query?: Q;
  readonly body?: B;
  readonly lines?: z.ZodType;
  /** 1 MiB by default. */
  readonly bodyLimit?: number;
  readonly problems?: readonly number[];
}

interface JsonDeclaration<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> extends Declaration<P, Q, B> {
  readonly response: R;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => Promise<z.input<R>>;
  /** Address of the created resource. With it, the status is 201. */
  readonly location?: (created: z.input<R>) => string;
}

interface EventsDeclaration<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>
  extends Declaration<P, Q, B> {
  readonly events: Readonly<Record<string, z.ZodType>>;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => Promise<(stream: EventStream) => void>;
}

interface LinesDeclaration<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> extends Declaration<P, Q, B> {
  /** Schema of each line. */
  readonly response: R;
  readonly handle: (input: Input<P, Q, B>, context: ConsoleContext) => AsyncIterable<z.input<R>>;
}

export const NO_FIELDS = z.strictObject({});
type NoFields = typeof NO_FIELDS;

const MIB = 1024 * 1024;

/** Declares an operation with a JSON response. */
export function defineOperation<
  R extends z.ZodType,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: JsonDeclaration<P, Q, B, R>): Operation {
  const { response, handle, location } = declaration;
  return {
    ...shared(declaration),
    response: {
      status: location ? 201 : 200,
      ...(location ? { headers: { Location: 'Path of the created resource.' } } : {}),
      content: { mediaType: 'application/json', schema: response },
    },
    run: async (raw, user, context) => {
      const value = await handle({ ...parseInput(declaration, raw), lines: raw.lines, user }, context);
      return { kind: 'json', value, ...(location ? { location: location(value) } : {}) };
    },
  };
}

/** Declares an operation with an NDJSON response of any length. */
export function defineLines<
  R extends z.ZodType,
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: LinesDeclaration<P, Q, B, R>): Operation {
  const { response, handle } = declaration;
  return {
    ...shared(declaration),
    response: { status: 200, content: { mediaType: NDJSON, schema: response } },
    run: async (raw, user, context) => {
      const input = { ...parseInput(declaration, raw), lines: raw.lines, user };
      return { kind: 'lines', values: handle(input, context) };
    },
  };
}

/** Declares an operation with a response of server-sent events. */
export function defineEvents<
  P extends z.ZodObject = NoFields,
  Q extends z.ZodObject = NoFields,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: EventsDeclaration<P, Q, B>): Operation {
  const { events, handle } = declaration;
  return {
    ...shared(declaration),
    response: { status: 200, content: { mediaType: 'text/event-stream', schema: z.string() }, events },
    run: async (raw, user, context) => ({
      kind: 'events',
      send: await handle({ ...parseInput(declaration, raw), lines: raw.lines, user }, context),
    }),
  };
}

function shared<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>({
  id,
  method,
  path,
  role,
  summary,
  description,
  params,
  query,
  body,
  lines,
  bodyLimit = MIB,
  problems = [],
}: Declaration<P, Q, B>) {
  return {
    ...{ id, method, path, role, summary, description, body, lines, bodyLimit, problems },
    params: params ?? NO_FIELDS,
    query: query ?? NO_FIELDS,
  };
}

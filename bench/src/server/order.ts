import { Ajv } from 'ajv';
import { z } from 'zod';

/** One JSON Schema for every server: they validate the same. */
export const ORDER_SCHEMA = {
  type: 'object',
  required: ['customer', 'email', 'currency', 'items', 'note'],
  properties: {
    customer: { type: 'integer', minimum: 1 },
    email: { type: 'string', minLength: 3, maxLength: 100 },
    currency: { type: 'string', enum: ['EUR', 'USD', 'GBP'] },
    note: { type: 'string', maxLength: 1000 },
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        required: ['sku', 'name', 'quantity', 'price'],
        properties: {
          sku: { type: 'string', minLength: 1, maxLength: 40 },
          name: { type: 'string', maxLength: 200 },
          quantity: { type: 'integer', minimum: 1, maximum: 1000 },
          price: { type: 'number', minimum: 0 },
        },
      },
    },
  },
} as const;

const zodOrder = z.object({
  customer: z.int().min(1),
  email: z.string().min(3).max(100),
  currency: z.enum(['EUR', 'USD', 'GBP']),
  note: z.string().max(1000),
  items: z
    .array(
      z.object({
        sku: z.string().min(1).max(40),
        name: z.string().max(200),
        quantity: z.int().min(1).max(1000),
        price: z.number().min(0),
      }),
    )
    .min(1)
    .max(100),
});

export interface Order {
  readonly customer: number;
  readonly items: readonly { readonly quantity: number; readonly price: number }[];
}

/** A little over 1,000 bytes of JSON. */
export const ORDER_JSON: string = JSON.stringify({
  customer: 4711,
  email: 'ada.lovelace@example.org',
  currency: 'EUR',
  note: 'Ring twice. Leave it with the neighbours on the second floor when nobody is there.',
  items: Array.from({ length: 10 }, (_, at) => ({
    sku: `SKU-${1000 + at}`,
    name: `Item number ${at} of the order, in blue`,
    quantity: at + 1,
    price: 9.95 + at,
  })),
});

/** The JSON Schema in the form that any server with Standard Schema takes, checked by the ajv that Fastify uses. */
export function orderByAjv(): typeof zodOrder {
  const check = new Ajv({ allErrors: false }).compile<Order>(ORDER_SCHEMA);
  const standard = {
    version: 1,
    vendor: 'ajv',
    validate: (value: unknown) =>
      check(value)
        ? { value }
        : { issues: (check.errors ?? []).map(({ message = '' }) => ({ message })) },
  };
  return { '~standard': standard } as unknown as typeof zodOrder;
}

export function orderByZod(): typeof zodOrder {
  return zodOrder;
}

/** What is answered. */
export function receiptOf({ customer, items }: Order): { customer: number; pieces: number } {
  let pieces = 0;
  for (const { quantity } of items) pieces += quantity;
  return { customer, pieces };
}

import { compileErrors, validate } from '@readme/openapi-parser';
import type { App } from '../app/app.ts';
import { describeApp } from './describe-app.ts';
import type { DescribedApp, OpenApiOptions } from './openapi-options.ts';
import type { OpenApiDocument } from './openapi-types.ts';

export const INFO = { title: 'Shop', version: '1.0.0' };

/** Described, and found valid by @readme/openapi-parser, whose complaints are thrown. */
export async function describeValid(
  app: Pick<App, 'routes'>,
  options: Partial<OpenApiOptions> = {},
): Promise<DescribedApp> {
  const described = describeApp(app, { info: INFO, ...options });
  await assertValid(described.document);
  return described;
}

export async function assertValid(document: OpenApiDocument): Promise<void> {
  // The validator writes into what it is given.
  const copy = JSON.parse(JSON.stringify(document)) as Parameters<typeof validate>[0];
  const result = await validate(copy);
  if (!result.valid)
    throw new Error(`${compileErrors(result)}\n${JSON.stringify(document, null, 2)}`);
  const lost = lostReferences(document);
  if (lost.length > 0) throw new Error(`References lead nowhere: ${lost.join(', ')}`);
}

/** References to components that there are not, anywhere in the document. */
function lostReferences(document: OpenApiDocument): string[] {
  const schemas = document.components?.schemas ?? {};
  const text = JSON.stringify(document.paths) + JSON.stringify(schemas);
  return [...text.matchAll(/"\$ref":"([^"]*)"/g)]
    .map(([, reference]) => reference!)
    .filter((reference) => {
      const name = /^#\/components\/schemas\/(.+)$/.exec(reference)?.[1];
      return name === undefined || schemas[name] === undefined;
    });
}

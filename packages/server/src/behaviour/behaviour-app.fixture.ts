import { App } from '../app/app.ts';
import { middleware } from '../app/middleware.ts';
import type { BehaviourCase, Concern } from './behaviour-case.fixture.ts';
import { bodies } from './body-cases.fixture.ts';
import { failures } from './failure-cases.fixture.ts';
import { files } from './file-cases.fixture.ts';
import { forms } from './form-cases.fixture.ts';
import { around } from './middleware-cases.fixture.ts';
import { replies } from './reply-cases.fixture.ts';
import { addSockets } from './socket-routes.fixture.ts';
import { streams } from './stream-cases.fixture.ts';
import { values } from './value-cases.fixture.ts';

const CONCERNS: readonly Concern[] = [
  values,
  replies,
  bodies,
  forms,
  failures,
  streams,
  files,
  around,
];

export const BEHAVIOUR: readonly BehaviourCase[] = CONCERNS.flatMap(({ cases }) => cases);

/** Routes of every kind; `report` is told what went wrong in them. */
export function behaviourApp(report: (error: unknown) => void): App {
  const app = new App({ onError: report, bodyLimitBytes: 1_000_000 });
  app.use(
    middleware<{ asked: string }>((c, next) => {
      c.locals.asked = c.path;
      return next();
    }),
  );
  for (const concern of CONCERNS) concern.add(app);
  addSockets(app);
  return app;
}

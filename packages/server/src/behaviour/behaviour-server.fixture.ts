// The application of the behaviour suite on a port, for a runtime that is not the one of the tests: prints the port, then a line
// for each error that was reported; ends with its input. Arguments: the name of the backend.
import type { BackendName } from '../listen/backend.ts';
import { behaviourApp } from './behaviour-app.fixture.ts';

const app = behaviourApp(() => process.stdout.write('reported\n'));
const { port } = await app.listen({ server: (process.argv[2] ?? 'wire') as BackendName });
process.stdout.write(`${port}\n`);
process.stdin.on('end', () => void app.close({ graceMs: 0 }).then(() => process.exit(0))).resume();

import { describe, expect, it } from 'vitest';
import { parsePlanFile } from '../plan/parse-plan-file.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import { stressOf } from './stress-settings.ts';

const plan = (block: string) => `target: http://localhost:3000\nstress:\n${block}\n`;

describe('the stress block of a plan', () => {
  it('is read, variables filled in, and flags lie over it', async () => {
    const text = plan('  scenario: spike-stress\n  spikeUsers: ${peak}\n  spikeHold: 20s');
    const file = parsePlanFile(text, 'plan.yaml');
    const settings = stressOf(file, { spikeHold: '5s' }, ['peak=80']);
    expect(settings).toMatchObject({ spikeUsers: 80, spikeHoldMs: 5000 });
    await expect(resolvePlan(file, { env: ['peak=80'] })).resolves.toBeDefined();
  });

  it('points at what it cannot use', () => {
    const unknown = () => parsePlanFile(plan('  maxUser: 3'), 'plan.yaml');
    expect(unknown).toThrow(/"maxUser" is no setting[^]*plan\.yaml:3:3[^]*maxUsers/);
    const wrong = parsePlanFile(plan('  confidence: 200%'), 'plan.yaml');
    expect(() => stressOf(wrong, {}, [])).toThrow(/stress\.confidence, plan\.yaml:3:15/);
  });

  it('names the flag where the flag is at fault', () => {
    expect(() => stressOf({ url: 'http://a/' }, { maxRate: 'x' }, [])).toThrow(/--max-rate/);
  });
});

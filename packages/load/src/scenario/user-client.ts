import { Client } from '@needletail/client';

/** The client of one virtual user. Every request it sends is measured. */
export class UserClient extends Client {}

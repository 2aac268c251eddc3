/** Tokens between commas (RFC 9110 §5.6.1); no two ways to match the same text, so that it stays linear. */
export const TOKEN_LIST: RegExp =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;

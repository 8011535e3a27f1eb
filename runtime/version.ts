/** @file Which compiler this is: artifacts and runs say which one made them. */

export const COMPILER_VERSION = '0.1.0';

// Types of the test runner that lives inside the platform's runtime.
/// <reference types="@cloudflare/vitest-plugin/types" />

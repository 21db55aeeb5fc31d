/* A shared object that is no plugin at all. */
__attribute__((visibility("default"))) int ktl_test_answer(void);
int ktl_test_answer(void) { return 42; }

/// How often memory has been allocated in this process so far, by any thread.
unsigned long allocation_count(void);

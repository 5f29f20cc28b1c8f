#include <ares.h>
// What its sockets are watched with; Swift's Glibc leaves it out.
#include <sys/epoll.h>

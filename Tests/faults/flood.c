// flood HOST PORT PER_SECOND SECONDS: sends OPTIONS over UDP at a steady rate and reads what is answered.
// Prints one line: datagrams sent, responses received, seconds.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 50, SIZE = 600, REPLY = 2048 };

static char texts[BATCH][SIZE], replies[BATCH][REPLY];
static struct iovec parts[BATCH], rooms[BATCH];
static struct mmsghdr messages[BATCH], answers[BATCH];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Each with a branch and a Call-ID of its own, so that none is a retransmission.
static void write_request(int slot, long number, const char *host, int port) {
  int length = snprintf(
      texts[slot], SIZE,
      "OPTIONS sip:u@%s:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;rport;branch=z9hG4bKflood%ld\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:flood@flood.test>;tag=%ld\r\nTo: <sip:u@%s>\r\nCall-ID: %ld@flood.test\r\n"
      "CSeq: 1 OPTIONS\r\nContact: <sip:flood@127.0.0.9>\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n",
      host, port, number, number, host, number);
  parts[slot] = (struct iovec){texts[slot], (size_t)length};
}

static long drain(int socket) {
  long count = 0;
  for (;;) {
    int got = recvmmsg(socket, answers, BATCH, MSG_DONTWAIT, NULL);
    if (got <= 0) return count;
    count += got;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 64;
  const char *host = argv[1];
  int port = atoi(argv[2]);
  double rate = atof(argv[3]), seconds = atof(argv[4]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, host, &to.sin_addr) != 1) return 64;
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(socket_, (struct sockaddr *)&to, sizeof to) != 0) return 1;
  for (int slot = 0; slot < BATCH; slot++) {
    rooms[slot] = (struct iovec){replies[slot], REPLY};
    messages[slot].msg_hdr = (struct msghdr){.msg_iov = &parts[slot], .msg_iovlen = 1};
    answers[slot].msg_hdr = (struct msghdr){.msg_iov = &rooms[slot], .msg_iovlen = 1};
  }
  long sent = 0, number = 0, received = 0;
  double began = now(), passed;
  while ((passed = now() - began) < seconds) {
    received += drain(socket_);
    if ((double)sent >= passed * rate) {
      usleep(500);
      continue;
    }
    for (int slot = 0; slot < BATCH; slot++) write_request(slot, number++, host, port);
    int left = sendmmsg(socket_, messages, BATCH, 0);
    if (left > 0) sent += left;
  }
  received += drain(socket_);
  printf("%ld %ld %.3f\n", sent, received, passed);
  return 0;
}

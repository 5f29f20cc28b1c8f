// SIPMessage
